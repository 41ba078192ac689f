"""Fetches a URL in one of several ways and prints what came, one line an answer: fetch.py WAY URL [COUNT]"""
import asyncio
import ssl
import sys
import threading
import urllib.parse
import urllib.request

way, url = sys.argv[1:3]
count = int(sys.argv[3]) if len(sys.argv) > 3 else 1
context = ssl.create_default_context()


def fetch():
    with urllib.request.urlopen(url, timeout=20, context=context) as answer:
        print(answer.read().decode(), flush=True)


async def fetch_asynchronously():
    parts = urllib.parse.urlsplit(url)
    secure = context if parts.scheme == "https" else None
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, ssl=secure)
    writer.write(f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    print((body if b"chunked" not in head else body.split(b"\r\n")[1]).decode(), flush=True)


async def fetch_all():
    await asyncio.gather(*[fetch_asynchronously() for _ in range(count)])


if way == "blocking":
    for _ in range(count):
        fetch()
elif way == "threads":
    threads = [threading.Thread(target=fetch) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
elif way == "asyncio":
    asyncio.run(fetch_all())
