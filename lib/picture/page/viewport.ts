import type { Rectangle, Size } from "./layered";

/** The part of a drawing that is looked at: zoomed and moved by mouse, wheel, fingers and keys. */
export class Viewport {
  readonly #frame: HTMLElement;
  readonly #canvas: HTMLElement;
  #scale = 1;
  #x = 0;
  #y = 0;
  #size: Size = { width: 1, height: 1 };
  readonly #pointers = new Map<number, PointerEvent>();

  constructor(frame: HTMLElement, canvas: HTMLElement) {
    this.#frame = frame;
    this.#canvas = canvas;
    frame.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    frame.addEventListener("pointerdown", (event) => this.#down(event));
    frame.addEventListener("pointermove", (event) => this.#move(event));
    for (const name of ["pointerup", "pointercancel"] as const)
      frame.addEventListener(name, (event) => this.#pointers.delete(event.pointerId));
    frame.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Says how large the drawing is. */
  resize(size: Size): void {
    this.#size = size;
  }

  /** Shows all of the drawing, and never larger than it is. */
  fit(): void {
    const { clientWidth, clientHeight } = this.#frame;
    const margin = 48;
    const scale = Math.min((clientWidth - margin) / this.#size.width, (clientHeight - margin) / this.#size.height, 1);
    this.#scale = Math.max(0.05, scale);
    this.#x = (clientWidth - this.#size.width * this.#scale) / 2;
    this.#y = Math.max(margin / 2, (clientHeight - this.#size.height * this.#scale) / 2);
    this.#apply();
  }

  /** Brings a part of the drawing into view, where it is not, large enough to be read. */
  reveal({ x, y, width, height }: Rectangle): void {
    const { clientWidth, clientHeight } = this.#frame;
    this.#scale = Math.min(Math.max(this.#scale, 0.7), 1.6);
    const [left, top] = [this.#x + x * this.#scale, this.#y + y * this.#scale];
    const isInside = left >= 0 && top >= 0 && left + width * this.#scale <= clientWidth && top + height * this.#scale <= clientHeight;
    if (!isInside) {
      this.#x = clientWidth / 2 - (x + width / 2) * this.#scale;
      this.#y = clientHeight / 2 - (y + Math.min(height, clientHeight / this.#scale) / 2) * this.#scale;
    }
    this.#apply();
  }

  /** Zooms around a point of the frame, its middle unless said otherwise. */
  zoom(factor: number, x: number = this.#frame.clientWidth / 2, y: number = this.#frame.clientHeight / 2): void {
    const scale = Math.min(3, Math.max(0.05, this.#scale * factor));
    this.#x = x - ((x - this.#x) * scale) / this.#scale;
    this.#y = y - ((y - this.#y) * scale) / this.#scale;
    this.#scale = scale;
    this.#apply();
  }

  #apply(): void {
    this.#canvas.style.transform = `translate(${this.#x}px, ${this.#y}px) scale(${this.#scale})`;
    this.#frame.classList.toggle("far", this.#scale < 0.45);
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    const { left, top } = this.#frame.getBoundingClientRect();
    this.zoom(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0015)), event.clientX - left, event.clientY - top);
  }

  #down(event: PointerEvent): void {
    if (event.button !== 0 || (event.target as Element).closest("button") !== null) return;
    this.#pointers.set(event.pointerId, event);
    this.#frame.setPointerCapture(event.pointerId);
  }

  /** One finger moves; two zoom by the distance between them. */
  #move(event: PointerEvent): void {
    const before = this.#pointers.get(event.pointerId);
    if (before === undefined) return;
    const other = [...this.#pointers.values()].find(({ pointerId }) => pointerId !== event.pointerId);
    this.#pointers.set(event.pointerId, event);
    if (other === undefined) {
      this.#pan(event.clientX - before.clientX, event.clientY - before.clientY);
      return;
    }
    const distance = (one: PointerEvent): number => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
    const { left, top } = this.#frame.getBoundingClientRect();
    this.zoom(
      distance(event) / Math.max(1, distance(before)),
      (event.clientX + other.clientX) / 2 - left,
      (event.clientY + other.clientY) / 2 - top,
    );
  }

  #pan(dx: number, dy: number): void {
    this.#x += dx;
    this.#y += dy;
    this.#apply();
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = 60;
    const keys: Readonly<Record<string, () => void>> = {
      "+": () => this.zoom(1.25),
      "=": () => this.zoom(1.25),
      "-": () => this.zoom(0.8),
      "0": () => this.fit(),
      ArrowLeft: () => this.#pan(step, 0),
      ArrowRight: () => this.#pan(-step, 0),
      ArrowUp: () => this.#pan(0, step),
      ArrowDown: () => this.#pan(0, -step),
    };
    const act = keys[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  }
}
