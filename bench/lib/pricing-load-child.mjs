/** Loads one pricing engine, prices one call, and says how long that took. Usage: node pricing-load-child.mjs <contender> */
import { loadAndPrice } from './pricing-contenders.mjs';

const before = process.cpuUsage();
const { imported, first, usd } = await loadAndPrice(process.argv[2]);
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ imported, first, usd, cpu: (user + system) / 1000 }));
