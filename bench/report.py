"""Tables, and the bounds that a benchmark must keep."""

MIB = 1 << 20


def mib(size):
    return size / MIB


class Table:
    def __init__(self, title):
        print(f"\n{title}\n{'':44}{'wall s':>9}{'CPU s':>9}{'memory MiB':>12}{'disk MiB':>10}", flush=True)

    def row(self, name, wall, cpu, memory, disk):
        print(f"  {name:42}{wall:9.2f}{cpu:9.2f}{mib(memory):12.1f}{mib(disk):10.1f}", flush=True)


class Bounds:
    """Prints what was reached beside what must be; remembers what was missed."""

    def __init__(self):
        self.held, self.missed = 0, []

    def at_most(self, name, value, limit):
        good = value <= limit
        print(f"  {name:60}{value:10.3f}  at most {limit:<8g}{'' if good else 'MISSED'}", flush=True)
        self.note(name, good)

    def exactly(self, name, value, wanted):
        good = value == wanted
        print(f"  {name:60}{value!s:>10}  must be {wanted!s:<8}{'' if good else 'MISSED'}", flush=True)
        self.note(name, good)

    def note(self, name, good):
        if good:
            self.held += 1
        else:
            self.missed.append(name)

    def finish(self):
        """The exit code."""
        print(f"\n{self.held} bounds held, {len(self.missed)} missed" + "".join(f"\n  missed: {m}" for m in self.missed))
        return 1 if self.missed or not self.held else 0
