"""Asks for many names at once, from one process, and meanwhile times a name that the contract knows."""
import json
import socket
import struct
import sys
import time


def query(number, name):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack(">HHHHHH", number, 0x100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", 1, 1)


count = int(sys.argv[1])
asker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
asker.connect(("127.0.0.1", 53))
for number in range(count):
    asker.send(query(number, f"n{number}.example.net"))
began = time.monotonic()
socket.getaddrinfo("known.example.com", 80, socket.AF_INET)
slowest = time.monotonic() - began
asker.settimeout(1)
answers = {}
try:
    while True:
        reply = asker.recv(512)
        answers[struct.unpack(">H", reply[:2])[0]] = reply[3] & 15
except socket.timeout:
    pass
print(json.dumps({"slowest": slowest, "refused": len(answers), "codes": sorted(set(answers.values()))}), flush=True)
# what is asked is withdrawn when who asked ends: it stays for an answer, so that the test can see them
asker.settimeout(5)
try:
    asker.recv(512)
except socket.timeout:
    pass
