/** Everything that the service offers on an Agent stands below this. */
export const root = '/v1';
export const uploadsPath = `${root}/uploads`;
export const tusVersion = '1.0.0';

export const defaultPort = 8443;
