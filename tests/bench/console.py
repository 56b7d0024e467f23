"""Debian's kernel with a shell on its serial console, in any emulator; and bytes for it from this process."""
import argparse, os, re, select, socket, subprocess, threading, time

GUESTS = 'build/guests'
SHELL = ['-m', '128', '-kernel', f'{GUESTS}/vmlinuz-686', '-initrd', f'{GUESTS}/initrd-disk.gz',
         '-append', 'console=ttyS0 quiet', '-nographic', '-no-reboot']


class Arguments(argparse.ArgumentParser):
    """A script's command line: -h prints the line that its description has, and what is wrong is one line."""

    def __init__(self, description):
        super().__init__()
        self.line = re.search('^usage: .*\n', description, re.M)[0]

    def format_help(self):
        return self.line

    def error(self, message):
        self.exit(2, f'{self.prog}: {message}; -h says how it is called\n')


class Server:
    """Sends or takes `size` bytes to or from whoever connects, by two ports."""

    def __init__(self, size, block=bytes(1 << 20), address='127.0.0.1'):
        self.size, self.block, self.taken, self.address = size, block, 0, address
        self.out_port = self.listen(self.give)
        self.in_port = self.listen(self.take)

    def listen(self, serve):
        s = socket.create_server((self.address, 0))
        threading.Thread(target=self.accept, args=(s, serve), daemon=True).start()
        return s.getsockname()[1]

    @staticmethod
    def accept(s, serve):
        while True:
            c, _ = s.accept()
            with c:
                serve(c)

    def give(self, c):
        for _ in range(self.size >> 20):
            c.sendall(self.block)

    def take(self, c):
        buffer = bytearray(1 << 20)
        self.taken = 0
        while n := c.recv_into(buffer):
            self.taken += n


class Console:
    """An emulator whose standard input and output are the guest's shell."""

    def __init__(self, command):
        self.p = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.text = b''
        self.wait(b':~# ')

    def wait(self, text):
        end = time.time() + 600
        while text not in self.text:
            if not select.select([self.p.stdout], [], [], max(0, end - time.time()))[0]:
                raise SystemExit(f'no {text} after ten minutes')
            more = os.read(self.p.stdout.fileno(), 65536)
            if not more:
                raise SystemExit(f'the machine has ended: {self.text[-300:]}')
            self.text += more
        before, self.text = self.text.split(text, 1)
        return before

    def cpu(self):
        with open(f'/proc/{self.p.pid}/stat', encoding='ascii') as f:
            fields = f.read().rsplit(') ', 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

    def send(self, command):
        self.p.stdin.write(command.encode() + b'\r')
        self.p.stdin.flush()

    def do(self, command):
        """Seconds, processor seconds, and what the command printed."""
        began, cpu = time.time(), self.cpu()
        self.send(f"{command}; echo do''ne")
        said = self.wait(b'done')
        seconds, used = time.time() - began, self.cpu() - cpu
        self.wait(b':~# ')
        return seconds, used, said

    def end(self):
        """Waits for an end that the guest was told; processor seconds of the whole run."""
        self.p.stdin.close()
        _, status, used = os.wait4(self.p.pid, 0)
        self.p.returncode = status
        assert status == 0, status
        return used.ru_utime + used.ru_stime

    def kill(self):
        self.p.kill()
        self.p.wait()
