#!/usr/bin/env node
/**
 * The command line: `breakwater`.
 *
 * @module
 */
import { main } from './cli.ts';

process.exitCode = await main(process.argv.slice(2));
