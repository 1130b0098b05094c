/**
 * The spans that Breakwater's own packages make.
 *
 * @module
 */
import {
  type Attributes,
  type AttributeValue,
  diag,
  type Exception,
  type HrTime,
  type Link,
  type Span,
  type SpanContext,
  type SpanKind,
  type SpanStatus,
  SpanStatusCode,
  type TimeInput,
} from '@opentelemetry/api';
import {
  cleanAttributes,
  hrTimeDuration,
  type InstrumentationScope,
  isTimeInput,
  millisToHrTime,
  timeInputToHrTime,
} from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan, SpanLimits, TimedEvent } from '@opentelemetry/sdk-trace';

/** What all spans of a tracer share. */
export interface SpanSource {
  readonly resource: Resource;
  readonly instrumentationScope: InstrumentationScope;
  readonly limits: Required<SpanLimits>;
  /** Takes the span once it has ended. */
  readonly onEnd: (span: ReadableSpan) => void;
}

/** Of the specification (OpenTelemetry SDK, "Span limits"), and so of the SDK. */
export const DEFAULT_LIMITS: Required<SpanLimits> = {
  attributeCountLimit: 128,
  attributeValueLengthLimit: Infinity,
  eventCountLimit: 128,
  linkCountLimit: 128,
  attributePerEventCountLimit: 128,
  attributePerLinkCountLimit: 128,
};

/** As many attributes as a span of ours may begin with. */
const FEW = 32;

/** How a span begins. */
export interface SpanStart {
  readonly name: string;
  readonly kind: SpanKind;
  readonly context: SpanContext;
  readonly parent: SpanContext | undefined;
  readonly attributes: Attributes;
  readonly links: readonly Link[];
  readonly startTime: TimeInput | undefined;
}

/**
 * A span that does what the SDK's does, for callers that give attributes of the right types: those
 * it has from the start are taken as they are, without a copy and a check of each, which is half of
 * what a span costs. Everything that came later goes by the SDK's own rules.
 */
export class OwnSpan implements Span, ReadableSpan {
  name: string;
  readonly kind: SpanKind;
  readonly parentSpanContext?: SpanContext;
  readonly attributes: Attributes;
  readonly events: TimedEvent[] = [];
  readonly links: Link[] = [];
  status: SpanStatus = { code: SpanStatusCode.UNSET };
  droppedAttributesCount = 0;
  droppedEventsCount = 0;
  droppedLinksCount = 0;
  ended = false;
  readonly #source: SpanSource;
  readonly #context: SpanContext;
  readonly #startMs: number;
  readonly #startedAt: number;
  readonly #startTime: HrTime | undefined;
  #endMs = 0;
  #endTime: HrTime | undefined;
  #added = 0;

  constructor(source: SpanSource, start: SpanStart) {
    this.#source = source;
    this.#context = start.context;
    this.name = start.name;
    this.kind = start.kind;
    if (start.parent) this.parentSpanContext = start.parent;
    this.attributes = start.attributes;
    // By the machine's clock, which other processes go by as well; from here on by a steady one.
    this.#startMs = Date.now();
    this.#startedAt = performance.now();
    if (start.startTime !== undefined) this.#startTime = timeInputToHrTime(start.startTime);
    const { attributeCountLimit, attributeValueLengthLimit } = source.limits;
    if (
      attributeCountLimit < DEFAULT_LIMITS.attributeCountLimit ||
      attributeValueLengthLimit !== Infinity
    )
      this.#clean();
    for (const link of start.links) this.addLink(link);
  }

  get resource(): Resource {
    return this.#source.resource;
  }

  get instrumentationScope(): InstrumentationScope {
    return this.#source.instrumentationScope;
  }

  get startTime(): HrTime {
    return this.#startTime ?? millisToHrTime(this.#startMs);
  }

  get endTime(): HrTime {
    return this.#endTime ?? millisToHrTime(this.#endMs);
  }

  get duration(): HrTime {
    return this.ended ? hrTimeDuration(this.startTime, this.endTime) : [-1, -1];
  }

  spanContext(): SpanContext {
    return this.#context;
  }

  isRecording(): boolean {
    return !this.ended;
  }

  setAttribute(key: string, value: AttributeValue): this {
    if (this.#isOver() || key === '') return this;
    const isNew = !Object.hasOwn(this.attributes, key);
    if (!isPlain(value) || this.#source.limits.attributeValueLengthLimit !== Infinity) {
      const cleaned = cleanAttributes({ [key]: value }, this.#source.limits).attributes ?? {};
      if (!(key in cleaned)) return this;
      return this.#put(key, cleaned[key] as AttributeValue, isNew);
    }
    return this.#put(key, value, isNew);
  }

  setAttributes(attributes: Attributes): this {
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== undefined) this.setAttribute(key, value);
    }
    return this;
  }

  addEvent(name: string, given?: Attributes | TimeInput, time?: TimeInput): this {
    if (this.#isOver()) return this;
    const { eventCountLimit, attributePerEventCountLimit, attributeValueLengthLimit } =
      this.#source.limits;
    if (eventCountLimit === 0) {
      this.droppedEventsCount++;
      return this;
    }
    if (this.events.length >= eventCountLimit) {
      this.events.shift();
      this.droppedEventsCount++;
    }
    const at = isTimeInput(given) ? (time ?? given) : time;
    const limits = { attributeCountLimit: attributePerEventCountLimit, attributeValueLengthLimit };
    this.events.push({
      name,
      time: at === undefined ? millisToHrTime(this.#now()) : timeInputToHrTime(at),
      ...(isTimeInput(given) ? {} : cleanAttributes(given, limits)),
    } as TimedEvent);
    return this;
  }

  addLink({ context, attributes }: Link): this {
    if (this.#isOver()) return this;
    const { linkCountLimit, attributePerLinkCountLimit, attributeValueLengthLimit } =
      this.#source.limits;
    if (linkCountLimit === 0) {
      this.droppedLinksCount++;
      return this;
    }
    if (this.links.length >= linkCountLimit) {
      this.links.shift();
      this.droppedLinksCount++;
    }
    const limits = { attributeCountLimit: attributePerLinkCountLimit, attributeValueLengthLimit };
    this.links.push({ context, ...cleanAttributes(attributes, limits) } as Link);
    return this;
  }

  addLinks(links: Link[]): this {
    for (const link of links) this.addLink(link);
    return this;
  }

  setStatus({ code, message }: SpanStatus): this {
    if (this.#isOver()) return this;
    if (code === SpanStatusCode.UNSET || this.status.code === SpanStatusCode.OK) return this;
    const said = code === SpanStatusCode.ERROR && typeof message === 'string';
    this.status = said ? { code, message } : { code };
    return this;
  }

  updateName(name: string): this {
    if (!this.#isOver()) this.name = name;
    return this;
  }

  recordException(exception: Exception, time?: TimeInput): void {
    const { name, message, stack, code } =
      typeof exception === 'string'
        ? { name: undefined, message: exception, stack: undefined, code: undefined }
        : exception;
    const type = code === undefined ? name : String(code);
    if (!type && !message) return;
    this.addEvent(
      'exception',
      {
        ...(type ? { 'exception.type': type } : {}),
        ...(message ? { 'exception.message': message } : {}),
        ...(stack ? { 'exception.stacktrace': stack } : {}),
      },
      time,
    );
  }

  end(endTime?: TimeInput): void {
    if (this.#isOver()) return;
    this.#endMs = this.#now();
    if (endTime !== undefined) this.#endTime = timeInputToHrTime(endTime);
    if ((this.#startTime || this.#endTime) && hrTimeDuration(this.startTime, this.endTime)[0] < 0) {
      this.#endTime = this.startTime;
    }
    this.ended = true;
    this.#source.onEnd(this);
  }

  #now(): number {
    return this.#startMs + performance.now() - this.#startedAt;
  }

  #put(key: string, value: AttributeValue, isNew: boolean): this {
    const { attributeCountLimit } = this.#source.limits;
    if (isNew && this.#isFull(attributeCountLimit)) {
      this.droppedAttributesCount++;
    } else {
      this.attributes[key] = value;
    }
    return this;
  }

  /** Counting them takes longer than all else, and is left out while they can only be few. */
  #isFull(limit: number): boolean {
    return ++this.#added + FEW > limit && Object.keys(this.attributes).length >= limit;
  }

  /** Limits that somebody asked for are kept for what the span began with, too. */
  #clean(): void {
    const given = { ...this.attributes };
    for (const key of Object.keys(given)) delete this.attributes[key];
    this.setAttributes(given);
  }

  #isOver(): boolean {
    if (this.ended) diag.warn(`the span ${this.name} has ended, and does not change any more`);
    return this.ended;
  }
}

function isPlain(value: AttributeValue): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
