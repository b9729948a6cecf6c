/** Says hello. */
process.stderr.write('instrumentation started\n');
