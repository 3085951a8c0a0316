// Ways of keeping candles in DuckDB and polars.
import { at, COLUMNS, peer } from './folders.js';

export function duck(file, table) {
  const isNative = table === 'candles';
  const from = () => table.replace('FILE', at(file));
  const connect = async () => {
    const { DuckDBInstance } = await peer('@duckdb/node-api');
    const options = { threads: '2', ...(isNative ? { access_mode: 'READ_ONLY' } : {}) };
    return (await DuckDBInstance.create(isNative ? at(file) : ':memory:', options)).connect();
  };
  const columnsOf = async (connection, sql) => {
    const reader = await connection.runAndReadAll(sql);
    return reader.getColumns().map((column) => Float64Array.from(column));
  };
  return {
    kind: 'compressed',
    files: file,
    // Out of the CSV that another way has written.
    async write() {
      const { DuckDBInstance } = await peer('@duckdb/node-api');
      const connection = await (await DuckDBInstance.create(isNative ? at(file) : ':memory:')).connect();
      const types = COLUMNS.map((column) => `'${column}': 'DOUBLE'`).join(', ');
      const csv = `read_csv('${at('candles.csv')}', columns = {${types}})`;
      if (isNative) {
        await connection.run(`create table candles as select * from ${csv}`);
        await connection.run('checkpoint');
      } else await connection.run(`copy (select * from ${csv}) to '${at(file)}' (format parquet, compression zstd)`);
      connection.closeSync();
    },
    async close() {
      return (await columnsOf(await connect(), `select close from ${from()}`))[0];
    },
    async days() {
      const connection = await connect();
      return (start, end) =>
        columnsOf(connection, `select * from ${from()} where timestamp >= ${start} and timestamp < ${end}`);
    },
  };
}

export function polars(file, kind, format, options) {
  return {
    kind,
    files: file,
    async write(columns) {
      const pl = await peer('nodejs-polars');
      pl.DataFrame(columns)[`write${format}`](at(file), options);
    },
    async close() {
      const pl = await peer('nodejs-polars');
      return Float64Array.from(pl[`read${format}`](at(file), { columns: ['close'] }).getColumn('close'));
    },
    async days() {
      const pl = await peer('nodejs-polars');
      return (from, to) => {
        const time = pl.col('timestamp');
        const day = pl[`scan${format}`](at(file))
          .filter(time.gtEq(from).and(time.lt(to)))
          .collectSync();
        return COLUMNS.map((column) => Float64Array.from(day.getColumn(column)));
      };
    },
  };
}
