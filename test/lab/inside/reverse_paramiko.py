# Remote forwarding by paramiko: HOST PORT REMOTE-PORT LOCAL-PORT CIPHER
import socket, sys, threading
import paramiko

host, port, remote, local, cipher = sys.argv[1:6]
transport = paramiko.Transport((host, int(port)))
transport.get_security_options().ciphers = (cipher,)
transport.connect(username="root", pkey=paramiko.RSAKey.from_private_key_file("client-rsa"))
transport.request_port_forward("127.0.0.1", int(remote))
print("forwarding", flush=True)


def pump(source, target):
    while True:
        data = source.recv(32768)
        if not data:
            break
        target.sendall(data)
    target.close()


while True:
    channel = transport.accept(1)
    if channel is None:
        continue
    near = socket.create_connection(("127.0.0.1", int(local)))
    threading.Thread(target=pump, args=(channel, near), daemon=True).start()
    threading.Thread(target=pump, args=(near, channel), daemon=True).start()
