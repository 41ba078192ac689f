// A full-screen program as coding agents are: raw mode, alternate screen, mouse, bracketed paste, wide characters.
const ESC = '\u001b';
const out = process.stdout;
const lines = [];
const draw = () => {
  out.write('\u001b[H\u001b[2J');
  out.write(`\u001b[38;2;1;2;3mready ${out.columns}x${out.rows}\u001b[0m\r\n漢字 🙂 é|\r\n`);
  for (const line of lines.slice(-8)) out.write(`${line}\r\n`);
};
const say = (line) => {
  lines.push(line);
  draw();
};
process.stdin.setRawMode(true);
out.write('\u001b[?1049h\u001b[?2004h\u001b[?1000h\u001b[?1006h\u001b[?25l');
draw();
out.on('resize', draw);
let text = '';
process.stdin.setEncoding('utf8').on('data', (data) => {
  text += data;
  for (;;) {
    const paste = new RegExp(`^${ESC}\\[200~([^]*?)${ESC}\\[201~`).exec(text);
    const mouse = new RegExp(`^${ESC}\\[<([0-9;]+)[Mm]`).exec(text);
    const part = paste ?? mouse;
    if (part) {
      say(
        paste
          ? `paste ${paste[1].length} ${JSON.stringify(paste[1].replaceAll('\r', '\n'))}`
          : `mouse ${mouse[1]}`,
      );
      text = text.slice(part[0].length);
    } else if (text === '' || text.startsWith('\u001b')) return;
    else {
      if (text[0] === 'q') {
        out.write('\u001b[?25h\u001b[?1006l\u001b[?1000l\u001b[?2004l\u001b[?1049l', () => process.exit(3));
        return;
      }
      if (text[0] === '\u001a') process.kill(process.pid, 'SIGSTOP');
      say(`key ${JSON.stringify(text[0]).slice(1, -1)}`);
      text = text.slice(1);
    }
  }
});
process.on('SIGCONT', () => {
  process.stdin.setRawMode(true);
  say('continued');
});
