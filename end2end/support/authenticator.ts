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
  /** What the Signal API told it. */
  readonly told: string[] = [];

  private constructor(
    private readonly session: CDPSession,
    private readonly id: string,
  ) {}

  /** A device of this page's browser that answers at once. */
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

  /** Whether somebody touches it, when it is asked the next time. */
  async isTouched(enabled: boolean): Promise<void> {
    await this.session.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId: this.id, enabled });
  }

  /** Whether the finger is the right one. */
  async isVerified(isUserVerified: boolean): Promise<void> {
    await this.session.send("WebAuthn.setUserVerified", { authenticatorId: this.id, isUserVerified });
  }

  async kept(): Promise<Kept[]> {
    const { credentials } = await this.session.send("WebAuthn.getCredentials", { authenticatorId: this.id });
    return credentials;
  }
}
