/**
 * How far a feature is on. `false`: the very same object, untouched. `'read'`: what was written compressed or mapped is still
 * read, nothing new is written: the way back. `'verify'`: everything is encoded, decoded and compared, the original is stored
 * and served. `true`: on.
 */
export type FeatureMode = false | 'read' | 'verify' | true;
