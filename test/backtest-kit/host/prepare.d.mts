export function prepareHost(): { folder: string; reason?: undefined } | { folder?: undefined; reason: string };
