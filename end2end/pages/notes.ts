import { type Locator, type Page, expect } from "@playwright/test";

export class Notes {
  readonly panel: Locator;
  readonly field: Locator;
  readonly addButton: Locator;
  readonly items: Locator;
  readonly summary: Locator;
  readonly search: Locator;
  readonly empty: Locator;
  readonly editor: Locator;
  readonly toasts: Locator;

  constructor(readonly page: Page) {
    this.panel = page.getByRole("region", { name: "Notes", exact: true });
    this.field = this.panel.getByLabel("New note");
    this.addButton = this.panel.getByRole("button", { name: "Add note" });
    this.items = this.panel.getByRole("listitem");
    this.summary = this.panel.getByRole("status").first();
    this.search = this.panel.getByRole("searchbox", { name: "Search notes" });
    this.empty = this.panel.getByText("Write the first one above.");
    this.editor = this.panel.getByLabel("Edit note", { exact: true });
    this.toasts = page.getByRole("region", { name: "Messages" }).getByRole("listitem");
  }

  /** Waits until the list has arrived and the page has finished loading. */
  async arrived(): Promise<void> {
    await expect(this.summary).toContainText(/note/);
  }

  note(text: string): Locator {
    return this.items.filter({ hasText: text });
  }

  async add(text: string): Promise<void> {
    await this.field.fill(text);
    await this.addButton.click();
  }

  /** The note is on the page, and the server has it. */
  async shows(text: string): Promise<void> {
    await expect(this.note(text).getByRole("time").first()).toHaveText(/just now|ago/);
  }

  editLink(text: string): Locator {
    return this.note(text).getByRole("link", { name: /^Edit/ });
  }

  async open(text: string): Promise<void> {
    await this.editLink(text).click();
    await expect(this.editor).toBeVisible();
  }

  async save(text: string): Promise<void> {
    await this.editor.fill(text);
    await this.panel.getByRole("button", { name: "Save" }).click();
  }

  deleteButton(text: string): Locator {
    return this.note(text).getByRole("button", { name: /^Delete/ });
  }

  async delete(text: string): Promise<void> {
    await this.deleteButton(text).click();
  }
}
