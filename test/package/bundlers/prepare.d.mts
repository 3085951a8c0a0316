export function prepareBundlers(): { readonly folder?: string; readonly reason?: string };
