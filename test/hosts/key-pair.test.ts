import { utils } from "ssh2";
import { afterEach, expect, test, vi } from "vitest";
import { newKeyPair } from "../../lib/hosts/key-pair";

afterEach(() => vi.restoreAllMocks());

test("a new key pair can be read, and its two halves belong together", () => {
  const { publicKey, privateKey } = newKeyPair("oslo-1");
  const parsed = utils.parseKey(privateKey);
  expect(parsed).not.toBeInstanceOf(Error);
  const blob = (parsed as { getPublicSSH(): Buffer }).getPublicSSH().toString("base64");
  expect(publicKey).toBe(`ssh-ed25519 ${blob} oslo-1`);
});

test("a pair that cannot be read is thrown away", () => {
  const made = vi.spyOn(utils, "generateKeyPairSync").mockReturnValueOnce({ public: "ssh-ed25519 AAAA", private: "no key" });
  expect(utils.parseKey(newKeyPair().privateKey)).not.toBeInstanceOf(Error);
  expect(made).toHaveBeenCalledTimes(2);
});
