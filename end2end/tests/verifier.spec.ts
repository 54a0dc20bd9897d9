// Another service, with a library of its own, trusts our access tokens by the public key set and
// nothing else (docs/verify-tokens.md).

import { createRemoteJWKSet, jwtVerify } from "jose";
import { Api } from "../support/api";
import { Server } from "../support/server";
import { expect, test } from "../support/test";

for (const algorithm of ["EdDSA", "ES256"]) {
  test(`a stranger's verifier accepts our ${algorithm} token, and nobody else's`, async ({ stranger }) => {
    const server = await Server.start({ FRESHKEY_ALGORITHM: algorithm });
    try {
      const { token } = await new Api(server).register(stranger);
      const keys = createRemoteJWKSet(new URL("/.well-known/jwks.json", server.origin));
      const rules = { issuer: server.origin, audience: server.origin, typ: "at+jwt", algorithms: [algorithm] };
      const { payload, protectedHeader } = await jwtVerify(token!, keys, rules);
      expect(payload["email"]).toBe(stranger.email);
      expect(protectedHeader.alg).toBe(algorithm);
      await expect(jwtVerify(token!, keys, { ...rules, audience: "https://other.example" })).rejects.toThrow();
      const [header, claims, signature] = token!.split(".");
      const forged = `${header}.${claims}.${[...signature!].reverse().join("")}`;
      await expect(jwtVerify(forged, keys, rules)).rejects.toThrow();
    } finally {
      await server.end();
    }
  });
}
