import { expect, test } from "vitest";
import { schemeOfGo } from "../../lib/istio/go-url";

test.each([
  ["https://id.example.no/keys?a=%zz#b", "https"],
  ["HTTP://user:p%20w@a_b:80", "http"],
  ["https://[2001:db8::1]:443/", "https"],
  ["https://[fe80::1%25eth0]", "https"],
  ["oci:registry/x", "oci"],
  ["oci://a:b:80", "oci"],
  ["/filter.wasm", ""],
  ["*", ""],
])("%s is an address", (address, scheme) => {
  expect(schemeOfGo(address)).toBe(scheme);
});

test.each(
  [
    ["", "registry.example.no/x", ":80", "a\nb", "https://a b", "https://a/%zz", "https://%/x", "https://%41"],
    ["https://a[::1]", "https://[::1", "https://[10.0.0.1]", "http://a:b:80", "https://a:x", "https://{a}", "https://a[b]@c"],
  ].flat(),
)("%j is none", (address) => {
  expect(schemeOfGo(address)).toBeUndefined();
});
