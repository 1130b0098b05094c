import { testOrderFlow } from './test-order-flow.ts';

testOrderFlow('rest');
