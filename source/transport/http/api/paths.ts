/** Everything that the service offers on an Agent stands below this. */
export const root = '/v1';
export const uploadsPath = `${root}/uploads`;
export const tusVersion = '1.0.0';

/**
 * A request that brings a part of an upload and has this header is told with status 103, again and again, how much of the
 * upload has been stored (Upload-Offset): at first, and for each 128 KiB. No other client is.
 */
export const storedHeader = 'upload-tell-stored';

export const defaultPort = 8443;
