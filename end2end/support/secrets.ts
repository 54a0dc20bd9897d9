// Secrets that must never appear again after they were handed out, and the search for them.

/** A JSON Web Token, wherever it appears. */
export const JWT = /eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/;

export class Secrets {
  private readonly known = new Map<string, string>();

  keep(kind: string, secret: string | undefined): void {
    // A shorter text would be found by chance.
    if (secret && secret.length >= 8) this.known.set(secret, kind);
  }

  /** The kinds of secret found in `text`, plain or percent-encoded; never the secret itself. */
  in(text: string): string[] {
    const found = new Set<string>();
    if (JWT.test(text)) found.add("something that looks like a JWT");
    for (const [secret, kind] of this.known) {
      if (text.includes(secret) || text.includes(encodeURIComponent(secret))) found.add(kind);
    }
    return [...found];
  }
}

/** The refresh token in an answer's `Set-Cookie` headers: '' if it clears the cookie. */
export function refreshCookie(setCookies: string[]): string | undefined {
  const cookie = setCookies.find((line) => line.startsWith("refresh="));
  return cookie?.slice("refresh=".length).split(";")[0];
}
