"""What `npm run bench:hosts` has pyinfra do: two files, four keys, every value read back."""

from pyinfra import host
from pyinfra.facts.server import Command
from pyinfra.operations import files, server

KEYS = {
    "net.core.somaxconn": "32768",
    "net.ipv4.tcp_max_syn_backlog": "16384",
    "net.ipv4.tcp_tw_reuse": "1",
    "net.ipv4.tcp_fin_timeout": "30",
}

files.put(name="sysctl.d", src="sysctl.conf", dest="/etc/sysctl.d/99-zz-bench.conf", mode="644")
files.put(name="modules-load.d", src="modules.conf", dest="/etc/modules-load.d/bench.conf", mode="644")
present = host.get_fact(Command, f"sysctl -n {' '.join(KEYS)}").split("\n")
for (key, value), now in zip(KEYS.items(), present):
    if now != value:
        server.shell(name=key, commands=[f"sysctl -w {key}={value}"])
expected = "\\n".join(KEYS.values())
server.shell(name="read back", commands=[f'test "$(sysctl -n {" ".join(KEYS)})" = "$(printf \'{expected}\')"'])
