/** Where the service of an Agent listens, and how it is known. */
export interface ServicePlace {
	/** Host name or IP address. */
	readonly address: string;
	readonly port: number;
	/** Without TLS; on this computer only. */
	readonly plain: boolean;
	/** The one certificate that it may show, by its SHA-256: `AB:CD:…`. */
	readonly certificate?: string;
}

/** `https://host:port` */
export function serviceUrl({address, port, plain}: ServicePlace): string {
	return `${plain ? 'http' : 'https'}://${address.includes(':') ? `[${address}]` : address}:${port}`;
}
