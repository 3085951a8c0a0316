import { setImmediate as turn } from 'node:timers/promises';
import v8 from 'node:v8';
import vm from 'node:vm';
import { emitMemoryEvent, onMemoryEvent } from 'atc-memory';

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;

test('a listener hears every event, however often others came and went and memory was collected', async () => {
  // Node 20 drops a channel without listeners, and its name later: a listener added meanwhile would be forgotten.
  for (let round = 0; round < 5; round++) {
    onMemoryEvent('miss', () => undefined)();
    await turn();
    collect();
    let heard = 0;
    const stop = onMemoryEvent('miss', () => heard++);
    for (let i = 0; i < 4; i++) {
      emitMemoryEvent('miss', { reason: 'absent' });
      collect();
      await turn();
    }
    stop();
    emitMemoryEvent('miss', { reason: 'absent' });
    expect(heard).toBe(4);
  }
});
