"""Draws what was measured, as SVG: time by phase, misses over time, and a map of the guest's pages by misses."""
import math
from xml.sax.saxutils import escape

WIDTH = 900
LEFT, RIGHT = 120, 30
INNER = WIDTH - LEFT - RIGHT
COLOURS = ['#2a78d6', '#eb6834', '#1baf7a', '#4a3aa7', '#e3a008', '#8a8a85']  # also for eyes that tell red from green badly
INK, FAINT, GRID = '#1f1f1d', '#6b6b66', '#e4e4df'
BINS = 100
MAP_COLUMNS = 256  # of four pages each: a row is one entry of the page directory, 4 MiB
MAP_ROW = 7


class Drawing:
    """Elements, and how far down they reach."""

    def __init__(self):
        self.parts, self.y = [], 20

    def text(self, x, y, text, size=12, anchor='start', colour=INK, weight='normal'):
        self.parts.append('<text x="%.1f" y="%.1f" font-size="%d" text-anchor="%s" fill="%s" font-weight="%s">%s</text>' % (
            x, y, size, anchor, colour, weight, escape(text)))

    def rect(self, x, y, width, height, colour, title=None):
        self.parts.append('<rect x="%.1f" y="%.1f" width="%.2f" height="%.1f" fill="%s">%s</rect>' % (
            x, y, width, height, colour, '<title>%s</title>' % escape(title) if title else ''))

    def line(self, points, colour, width=1.0, dash=''):
        self.parts.append('<polyline points="%s" fill="none" stroke="%s" stroke-width="%.1f"%s/>' % (
            ' '.join('%.1f,%.1f' % point for point in points), colour, width,
            ' stroke-dasharray="%s"' % dash if dash else ''))

    def title(self, text, note):
        self.y += 14
        self.text(20, self.y, text, 15, weight='bold')
        self.y += 17
        self.text(20, self.y, note, 11, colour=FAINT)
        self.y += 12

    def legend(self, names):
        x = LEFT
        for i, name in enumerate(names):
            self.rect(x, self.y, 10, 10, COLOURS[i % len(COLOURS)])
            self.text(x + 14, self.y + 9, name, 11)
            x += 26 + 6.5 * len(name)
        self.y += 20

    def svg(self):
        return ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="sans-serif">\n'
                '<rect width="%d" height="%d" fill="#ffffff"/>\n%s\n</svg>\n' % (
                    WIDTH, self.y + 20, WIDTH, self.y + 20, WIDTH, self.y + 20, '\n'.join(self.parts)))


def ticks(most):
    """Round numbers from 0 to a little less than most, three to six of them."""
    step = 10 ** math.floor(math.log10(most)) if most > 0 else 1
    while most / step < 3:
        step /= 2
    while most / step > 6:
        step *= 2
    return [step * i for i in range(int(most / step) + 1)]


def draw_axis(drawing, most, top, bottom, unit):
    for tick in ticks(most):
        x = LEFT + INNER * tick / most
        drawing.line([(x, top), (x, bottom)], GRID)
        drawing.text(x, bottom + 14, '%g%s' % (tick, unit), 11, 'middle', FAINT)


def parts_of(each, by_mark):
    if by_mark:
        return {name: value for name, value in each['cpu_seconds'].items() if name != 'all'}
    return {name: phase['host_cpu_seconds'] for name, phase in each['phases'].items()} or {
        'all': each['cpu_seconds'].get('all', 0)}


def draw_time(drawing, strategies):
    by_mark = all(len(each['cpu_seconds']) > 1 for each in strategies)
    names = list(dict.fromkeys(name for each in strategies for name in parts_of(each, by_mark)))
    most = max(sum(parts_of(each, by_mark).values()) for each in strategies) * 1.08 or 1
    drawing.title('CPU time by phase', 'Seconds of the host, medians; ' + (
        'a phase ends where the serial port shows its mark' if by_mark else 'by where the code is that runs'))
    drawing.legend(names)
    top = drawing.y
    bottom = top + 30 * len(strategies)
    draw_axis(drawing, most, top, bottom, ' s')
    for i, each in enumerate(strategies):
        x, y = LEFT, top + 30 * i + 6
        drawing.text(LEFT - 8, y + 13, each['name'], 12, 'end')
        for name, value in parts_of(each, by_mark).items():
            width = INNER * value / most
            drawing.rect(x, y, max(width - 1, 0.5), 18, COLOURS[names.index(name) % len(COLOURS)],
                         '%s, %s: %.3f s' % (each['name'], name, value))
            x += width
        drawing.text(x + 5, y + 13, '%.2f s' % sum(parts_of(each, by_mark).values()), 11, colour=FAINT)
    drawing.y = bottom + 28


def rates(samples, name):
    """(instructions in millions, events a million instructions) of bins of equal length."""
    total = samples[-1]['instructions']
    points, at, before = [], 0, (0, 0)
    for sample in samples:
        now = (sample['instructions'], sample['statistics'][name])
        if now[0] >= at and now[0] > before[0]:
            points.append((now[0] / 1e6, 1e6 * (now[1] - before[1]) / (now[0] - before[0])))
            before, at = now, at + total / BINS
    return points


def draw_misses(drawing, strategies):
    drawn = [each for each in strategies if len(each['samples']) > 1]
    if not drawn:
        return
    curves = [(each, rates(each['samples'], 'tlb_miss'), rates(each['samples'], 'window_fault')) for each in drawn]
    most_x = max(curve[-1][0] for _, curve, _ in curves)
    most_y = max(max(value for _, value in curve) for _, curve, _ in curves)
    decades = max(1, math.ceil(math.log10(max(most_y, 10))))
    drawing.title('TLB misses over time', 'In a million guest instructions, by how many have run; dashed: host faults of '
                  'windows. The scale is logarithmic')
    drawing.legend([each['name'] for each in drawn])
    top, bottom = drawing.y, drawing.y + 200

    def place(x, y):
        return LEFT + INNER * x / most_x, bottom - 200 * max(0, math.log10(max(y, 1))) / decades

    draw_axis(drawing, most_x, top, bottom, ' M')
    for decade in range(decades + 1):
        y = bottom - 200 * decade / decades
        drawing.line([(LEFT, y), (WIDTH - RIGHT, y)], GRID)
        drawing.text(LEFT - 8, y + 4, '{:,}'.format(10 ** decade), 11, 'end', FAINT)
    for i, (_, misses, faults) in enumerate(curves):
        colour = COLOURS[i % len(COLOURS)]
        drawing.line([place(*point) for point in misses], colour, 1.6)
        if any(value for _, value in faults):
            drawing.line([place(*point) for point in faults], colour, 1.2, '4 3')
    drawing.y = bottom + 28


def shade(share):
    """From pale to dark blue."""
    low, high = (222, 235, 250), (8, 40, 100)
    return '#%02x%02x%02x' % tuple(round(a + (b - a) * share) for a, b in zip(low, high))


def draw_map(drawing, strategies):
    each = next((each for each in strategies if each['page_misses']), None)
    if not each:
        return
    cells, rows = {}, set()
    for page, misses in each['page_misses']:
        row, column = page >> 10, (page & 1023) * MAP_COLUMNS // 1024
        cells[row, column] = cells.get((row, column), 0) + misses
        rows.add(row)
    most = max(cells.values())
    drawing.title('The guest\'s pages by misses, %s' % each['name'],
                  'Each row is 4 MiB of linear addresses, each cell 16 KiB; rows without misses are left out. Darkest: '
                  '%s misses' % '{:,}'.format(most))
    last, y = None, drawing.y
    for row in sorted(rows):
        if last is not None and row != last + 1:
            y += 5
        if last is None or row != last + 1 or (row - first) % 4 == 0:
            if last is None or row != last + 1:
                first = row
            drawing.text(LEFT - 8, y + MAP_ROW, '%08x' % (row << 22), 10, 'end', FAINT)
        drawing.rect(LEFT, y, INNER, MAP_ROW - 1, '#f4f4f1')
        for column in range(MAP_COLUMNS):
            misses = cells.get((row, column))
            if misses:
                drawing.rect(LEFT + INNER * column / MAP_COLUMNS, y, INNER / MAP_COLUMNS, MAP_ROW - 1,
                             shade(math.log(misses + 1) / math.log(most + 1)),
                             '%08x: %d misses' % ((row << 22) + (column << 14), misses))
        last, y = row, y + MAP_ROW
    drawing.y = y + 10


def write(results, path):
    drawing = Drawing()
    strategies = [each for each in results['strategies'] if each['cpu_seconds']]
    drawing.text(20, drawing.y, 'pagewalk-compare: ' + results['host'], 12, colour=FAINT)
    drawing.y += 8
    if strategies:
        draw_time(drawing, strategies)
        draw_misses(drawing, strategies)
        draw_map(drawing, strategies)
    with open(path, 'w') as file:
        file.write(drawing.svg())
