// What must never be seen again once it was handed out, and the search for it.

/** A JSON Web Token, wherever it turns up. */
export const JWT = /eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/;

export class Secrets {
  private readonly known = new Map<string, string>();

  keep(kind: string, secret: string | undefined): void {
    // Shorter than this, chance alone would find it.
    if (secret && secret.length >= 8) this.known.set(secret, kind);
  }

  /** The kinds of secret that stand in `text`, plain or percent-encoded. Never the secret itself. */
  in(text: string): string[] {
    const found = new Set<string>();
    if (JWT.test(text)) found.add("something that looks like a JWT");
    for (const [secret, kind] of this.known) {
      if (text.includes(secret) || text.includes(encodeURIComponent(secret))) found.add(kind);
    }
    return [...found];
  }
}

/** The refresh token in the `Set-Cookie` headers of an answer: '' when it clears the cookie. */
export function refreshCookie(setCookies: string[]): string | undefined {
  const cookie = setCookies.find((line) => line.startsWith("refresh="));
  return cookie?.slice("refresh=".length).split(";")[0];
}
