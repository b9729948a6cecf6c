/** Runs before each test file of a suite under jest, whose mapping leads from the package's name to its sources. */
require('./patch.cjs')(require(process.env.SDK_SUITE_NAME));
