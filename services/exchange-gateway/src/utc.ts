// The first import of the process: ews-javascript-api reads and writes times in the zone of the process, so that only UTC is right.
process.env['TZ'] = 'UTC';
