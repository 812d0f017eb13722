/** Where the service of an Agent listens, or its web server, and how it is known. */
export interface ServicePlace {
	/** Host name or IP address. */
	readonly address: string;
	readonly port: number;
	/** Without TLS; on this computer only. */
	readonly plain: boolean;
	/** The one certificate that it may show, by its SHA-256: `AB:CD:…`. */
	readonly certificate?: string;
	/** What listens there is not the service of this program but IIS, before DataMiner's own web API. */
	readonly isWebServer?: boolean;
}

/** `https://host:port` */
export function serviceUrl({address, port, plain}: ServicePlace): string {
	return `${plain ? 'http' : 'https'}://${address.includes(':') ? `[${address}]` : address}:${port}`;
}
