//! In place of cargo-generate: the names that cargo-leptos uses, without the work.

/// Where a template is.
#[derive(Default)]
pub struct TemplatePath {
    pub git: Option<String>,
    pub branch: Option<String>,
    pub tag: Option<String>,
    pub path: Option<String>,
}

/// What was asked for.
#[derive(Default)]
pub struct GenerateArgs {
    pub template_path: TemplatePath,
    pub name: Option<String>,
    pub force: bool,
    pub verbose: bool,
    pub init: bool,
}

/// Refuses.
pub fn generate(_: GenerateArgs) -> anyhow::Result<()> {
    anyhow::bail!("this cargo-leptos is built without `cargo leptos new`: see scripts/cargo-leptos/Cargo.toml")
}
