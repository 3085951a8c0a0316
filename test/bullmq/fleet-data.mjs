// A server of files below a directory, which takes its time. Prints its address and what it is asked for.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';

const [root, host] = process.argv.slice(2).map((text) => JSON.parse(text));
const server = createServer((request, response) => {
  const file = path.join(root, decodeURIComponent(new URL(request.url, 'http://data').pathname));
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  console.log(`asked ${path.basename(file)}`);
  if (size === undefined) return void response.writeHead(404).end();
  response.writeHead(200, { 'content-length': size });
  setTimeout(() => createReadStream(file).pipe(response), 200);
});
server.listen(0, host, () => console.log(`serves http://${host}:${server.address().port}/`));
