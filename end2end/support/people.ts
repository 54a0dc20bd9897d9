// New people, each with an address and a password of their own.

import { randomUUID } from "node:crypto";

export interface Person {
  name: string;
  email: string;
  password: string;
}

export function somebody(): Person {
  const [who] = randomUUID().split("-");
  return {
    name: "Ada Lovelace",
    email: `ada.${who}@example.com`,
    // Easy to find in a log or a URL, because none of its characters are ever escaped.
    password: `violet-harbour-${randomUUID().slice(-12)}`,
  };
}
