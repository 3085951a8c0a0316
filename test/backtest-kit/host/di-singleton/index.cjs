/**
 * Stands in for npm's di-singleton where a registry does not have it: `singleton(Class)` is a constructor that memoises
 * one instance per list of arguments, with `.clear()`.
 */
exports.singleton = (Class) => {
  const instances = [];
  function Singleton(...args) {
    const known = instances.find(
      (one) => one.args.length === args.length && one.args.every((arg, i) => arg === args[i]),
    );
    if (known !== undefined) return known.instance;
    const instance = new Class(...args);
    instances.push({ args, instance });
    return instance;
  }
  Singleton.prototype = Class.prototype;
  Singleton.clear = () => {
    instances.length = 0;
  };
  return Singleton;
};
