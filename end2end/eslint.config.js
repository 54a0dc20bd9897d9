// What a type checker does not see: above all promises that nobody waits for.

import tseslint from "typescript-eslint";

export default tseslint.config(
    { ignores: ["node_modules", "test-results", "playwright-report"] },
    tseslint.configs.recommendedTypeChecked,
    { languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } } },
    { files: ["**/*.js"], extends: [tseslint.configs.disableTypeChecked] },
);
