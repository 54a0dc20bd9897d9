// Chromium's virtual authenticator: a device that keeps passkeys, and does what the test says.

import type { CDPSession, Page } from "@playwright/test";

export interface Kept {
  credentialId: string;
  rpId?: string;
  userHandle?: string;
  userName?: string;
  userDisplayName?: string;
  signCount: number;
  backupEligibility?: boolean;
  backupState?: boolean;
}

export class Authenticator {
  /** What the page told it through the Signal API. */
  readonly told: string[] = [];

  private constructor(
    private readonly session: CDPSession,
    private readonly id: string,
  ) {}

  /** Adds a device to this page's browser; it answers at once. */
  static async of(page: Page): Promise<Authenticator> {
    const session = await page.context().newCDPSession(page);
    await session.send("WebAuthn.enable");
    const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    const authenticator = new Authenticator(session, authenticatorId);
    session.on("WebAuthn.credentialDeleted", () => authenticator.told.push("deleted"));
    session.on("WebAuthn.credentialUpdated", () => authenticator.told.push("updated"));
    return authenticator;
  }

  /** Sets whether a user touches it at the next request. */
  async isTouched(enabled: boolean): Promise<void> {
    await this.session.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId: this.id, enabled });
  }

  /** Sets whether it recognises the user. */
  async isVerified(isUserVerified: boolean): Promise<void> {
    await this.session.send("WebAuthn.setUserVerified", { authenticatorId: this.id, isUserVerified });
  }

  async kept(): Promise<Kept[]> {
    const { credentials } = await this.session.send("WebAuthn.getCredentials", { authenticatorId: this.id });
    return credentials;
  }
}
