/**
 * One unary call of every method of every Protobuf service.
 *
 * @module
 */
import type { JsonValue } from '@bufbuild/protobuf';
import { Client, credentials } from '@grpc/grpc-js';
import type { Fleet } from '../error-contract/fleet.ts';
import { type GrpcGolden, ProtoReader } from './golden.ts';

const CATALOG = 'breakwater.catalog.v1.CatalogService';
const PAYMENTS = 'breakwater.payments.v1.PaymentService';
const PAYMENTS_V2 = 'breakwater.payments.v2.PaymentService';
const MONEY = { currencyCode: 'EUR', minorUnits: '500' };
const ORDER = { orderId: 'golden-grpc' };

/** What each method is asked, in an order in which each finds what it asks for. */
const CALLS: readonly (readonly [service: string, rpc: string, request: JsonValue])[] = [
  ['catalog', `${CATALOG}/ListItems`, { limit: 2, offset: 0 }],
  ['catalog', `${CATALOG}/GetItem`, { id: 'item1' }],
  ['catalog', `${CATALOG}/ReserveStock`, { ...ORDER, itemId: 'item1', quantity: 1, attempt: 1 }],
  ['catalog', `${CATALOG}/GetReservation`, ORDER],
  ['catalog', `${CATALOG}/ReleaseStock`, { ...ORDER, attempt: 1 }],
  ['payments', `${PAYMENTS}/TakePayment`, { ...ORDER, amountCents: 500, currency: 'EUR' }],
  ['payments', `${PAYMENTS}/GetPayment`, ORDER],
  ['payments', `${PAYMENTS_V2}/TakePayment`, { ...ORDER, amount: MONEY }],
  ['payments', `${PAYMENTS_V2}/GetPayment`, ORDER],
];

/**
 * Calls each method of a fleet.
 *
 * @param image what `buf build` wrote of the `.proto` files
 * @throws {Error} when a call fails, or a method is not asked
 */
export async function recordGrpc(
  fleet: Pick<Fleet, 'service'>,
  image: string,
): Promise<GrpcGolden[]> {
  const reader = new ProtoReader(image);
  const unasked = reader
    .rpcs('breakwater.')
    .filter((rpc) => !CALLS.some(([, each]) => each === rpc));
  if (unasked.length > 0) throw new Error(`add to CALLS of golden-grpc.ts: ${unasked.join(', ')}`);
  const golden: GrpcGolden[] = [];
  for (const [service, rpc, json] of CALLS) {
    const method = reader.methodOf(rpc);
    const { grpcUrl } = fleet.service(service);
    if (!method || grpcUrl === undefined) throw new Error(`${service} does not serve ${rpc}`);
    const request = Buffer.from(reader.encode(method.input, json));
    const response = await callUnary(grpcUrl, rpc, request);
    golden.push({
      rpc,
      request: { json: reader.decode(method.input, request), base64: request.toString('base64') },
      response: {
        json: reader.decode(method.output, response),
        base64: response.toString('base64'),
      },
    });
  }
  return golden;
}

/** Bytes for bytes: what is on the wire is what is kept. */
function callUnary(url: string, rpc: string, request: Buffer): Promise<Buffer> {
  const client = new Client(new URL(url).host, credentials.createInsecure());
  const same = (bytes: Buffer) => bytes;
  return new Promise<Buffer>((resolve, reject) => {
    client.makeUnaryRequest(`/${rpc}`, same, same, request, (error, response) => {
      client.close();
      if (error || !response) reject(new Error(`${rpc}: ${error?.message ?? 'no response'}`));
      else resolve(response);
    });
  });
}
