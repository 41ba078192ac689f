"""What a program meets at the socket interface. sockets.py WORD JSON prints one line of JSON."""
import asyncio
import errno
import hashlib
import http.client
import json
import os
import select
import socket
import ssl
import sys
import time

word = sys.argv[1]
given = json.loads(sys.argv[2])


def name_of(error):
    return errno.errorcode.get(error.errno, str(error)) if isinstance(error, OSError) else str(error)


def attempt(address, port, kind="tcp"):
    """The errno of trying to get one byte there and back, or `reached`."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    flavour = socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM
    with socket.socket(family, flavour) as s:
        s.settimeout(3)
        if kind == "blocking":
            s.setblocking(True)
        try:
            s.connect((address, port))
            s.sendall(b"x")
            return "reached" if s.recv(1) else "closed"
        except TimeoutError:
            return "timeout"
        except OSError as error:
            return name_of(error)


def refusals():
    answers = {}
    for name in given.get("names", []):
        try:
            socket.getaddrinfo(name, 443)
            answers[name] = "resolved"
        except socket.gaierror as error:
            answers[name] = "unknown" if error.errno in (socket.EAI_NONAME, socket.EAI_NODATA) else str(error)
    for target in given.get("addresses", []):
        answers[" ".join(str(part) for part in target)] = attempt(*target)
    return answers


def connect():
    """A blocking and a non-blocking connect to the same place."""
    address = socket.getaddrinfo(given["host"], given["port"], type=socket.SOCK_STREAM)[0]
    answer = {"wanted": address[4][0]}
    with socket.socket(address[0], socket.SOCK_STREAM) as s:
        try:
            s.connect(address[4])
            answer["blocking"] = "connected"
            answer["peer"] = s.getpeername()[0]
            answer["own"] = s.getsockname()[0]
        except OSError as error:
            answer["blocking"] = name_of(error)
    with socket.socket(address[0], socket.SOCK_STREAM) as s:
        s.setblocking(False)
        code = s.connect_ex(address[4])
        answer["started"] = errno.errorcode.get(code, code)
        select.select([], [s], [], 5)
        code = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code == 0:
            select.select([s], [], [], 0.5 if answer["blocking"] == "connected" else 5)
            try:
                answer["nonblocking"] = "closed" if s.recv(1) == b"" else "bytes"
            except BlockingIOError:
                answer["nonblocking"] = "connected"
            except OSError as error:
                answer["nonblocking"] = name_of(error)
        else:
            answer["nonblocking"] = errno.errorcode[code]
    return answer


def half_close():
    data = os.urandom(given["bytes"])
    with socket.create_connection((given["host"], given["port"]), 20) as s:
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := s.recv(4096):
            answer += chunk
    return {"same": answer.decode() == hashlib.sha256(data).hexdigest()}


def datagrams():
    answers = {}
    for family in (socket.AF_INET, socket.AF_INET6):
        where = socket.getaddrinfo(given["host"], given["port"], family, socket.SOCK_DGRAM)[0][4]
        with socket.socket(family, socket.SOCK_DGRAM) as s:
            s.settimeout(5)
            s.connect(where)
            got = []
            for size in (1, 1200, 8000):
                data = os.urandom(size)
                s.send(data)
                got.append(s.recv(65536) == data)
            answers[family.name] = all(got)
    return answers


def wrong_name():
    """A TLS hello for another name than the one that was resolved."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection((given["host"], given["port"]), 5) as s:
        with context.wrap_socket(s, server_hostname=given["sni"]) as secure:
            secure.sendall(b"x")
            return {"reached": len(secure.recv(1))}


def second_request():
    """Two requests on one connection, the second for another host."""
    connection = http.client.HTTPConnection(given["host"], given["port"], timeout=5)
    connection.request("GET", "/")
    first = connection.getresponse().read().decode()
    connection.sock.getpeername()
    print(json.dumps({"first": first}), flush=True)
    connection.putrequest("GET", "/", skip_host=True)
    connection.putheader("Host", given["other"])
    connection.endheaders()
    return {"second": connection.getresponse().read().decode()}


def stall():
    """Connects whose SYN-ACK is dropped by the kernel: IP_MINTTL is above every packet's time to live."""
    IP_MINTTL = 21
    where = socket.getaddrinfo(given["host"], given["port"], socket.AF_INET, socket.SOCK_STREAM)[0][4]
    for number in range(given["count"]):
        if os.fork() == 0:
            s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            s.setsockopt(socket.IPPROTO_IP, IP_MINTTL, 255)
            try:
                s.connect(where)
            except OSError:
                pass
            time.sleep(60)
    time.sleep(0.3)
    slowest = 0
    for _ in range(5):
        begun = time.monotonic()
        with socket.create_connection(where, 5):
            slowest = max(slowest, time.monotonic() - begun)
    return {"slowest": slowest}


async def one_of_crowd():
    reader, writer = await asyncio.open_connection(given["host"], given["port"])
    answer = await reader.read()
    writer.close()
    return answer == b"all here"


async def gather_crowd():
    return await asyncio.gather(*[one_of_crowd() for _ in range(given["count"])])


def crowd():
    return {"answered": sum(asyncio.run(gather_crowd()))}


def child():
    """A forked child that connects: it owns its flow, not its parent."""
    pid = os.fork()
    if pid == 0:
        socket.create_connection((given["host"], given["port"]), 5).close()
        os._exit(0)
    os.waitpid(pid, 0)
    return {"child": pid}


def download():
    """Reads on until somebody ends it."""
    got = 0
    with socket.create_connection((given["host"], given["port"]), 5) as s:
        s.sendall(f"GET /bulk HTTP/1.1\r\nHost: {given['host']}\r\n\r\n".encode())
        try:
            while chunk := s.recv(65536):
                got += len(chunk)
        except OSError:
            pass
    print(json.dumps({"got": got}), flush=True)
    time.sleep(30)
    return {}


def many():
    """One connection after another until one fails."""
    for number in range(given["count"]):
        outcome = attempt_http(given["host"], given["port"])
        print(number, outcome, flush=True)
    time.sleep(30)
    return {}


def attempt_http(host, port):
    try:
        connection = http.client.HTTPConnection(host, port, timeout=5)
        connection.request("GET", "/", headers={"Connection": "close"})
        return connection.getresponse().status
    except OSError as error:
        return name_of(error)


print(json.dumps(globals()[word]()))
