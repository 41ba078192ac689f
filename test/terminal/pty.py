"""A terminal for tests: runs a program on a new pty whose bytes are this program's stdin and stdout.

Descriptor 3 takes lines: `size COLUMNS ROWS`, `modes`, `foreground`; descriptor 4 answers them, one JSON line each. When
the program has ended, descriptor 4 gets {"status": N}, as os.wait gives it.
"""
import fcntl, json, os, select, struct, sys, termios

columns, rows = int(sys.argv[1]), int(sys.argv[2])


def size(fd, c, r):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", r, c, 0, 0))


def answer(value):
    os.write(4, (json.dumps(value) + "\n").encode())


master, slave = os.openpty()
size(slave, columns, rows)
child = os.fork()
if child == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2):
        os.dup2(slave, fd)
    os.closerange(3, 64)
    os.execvp(sys.argv[3], sys.argv[3:])
os.set_blocking(master, False)
answer({"pid": child})
typed, orders, open_input, status = b"", b"", True, None


def obey(line):
    words = line.split()
    if words[0] == "size":
        size(slave, int(words[1]), int(words[2]))
        answer({"size": words[1:]})
    elif words[0] == "modes":
        lflag = termios.tcgetattr(slave)[3]
        answer({"canonical": bool(lflag & termios.ICANON), "echo": bool(lflag & termios.ECHO), "signals": bool(lflag & termios.ISIG)})
    elif words[0] == "foreground":
        answer({"foreground": os.tcgetpgrp(master)})


while True:
    if status is None:
        pid, result = os.waitpid(child, os.WNOHANG)
        if pid == child:
            status = result
    readers = [master, 3] + ([0] if open_input and len(typed) < 65536 else [])
    ready, writable, _ = select.select(readers, [master] if typed else [], [], 0.02)
    if master in ready:
        try:
            data = os.read(master, 65536)
        except OSError:
            data = b""
        while data:
            data = data[os.write(1, data):]
    elif status is not None:
        break
    if writable:
        try:
            typed = typed[os.write(master, typed[:4096]):]
        except BlockingIOError:
            pass
    if 0 in ready:
        data = os.read(0, 65536)
        open_input = len(data) > 0
        typed += data
    if 3 in ready:
        data = os.read(3, 4096)
        if not data:
            break
        orders += data
        *lines, orders = orders.split(b"\n")
        for line in lines:
            obey(line.decode())
answer({"status": status})
