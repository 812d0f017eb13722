import {describe, expect, test} from 'vitest';
import {escapeXml, parseAgentXml, textOf} from '../../source/agent/agent-xml.ts';
import {parseDataMinerXml} from '../../source/agent/dataminer-xml.ts';
import {parseDmsXml} from '../../source/agent/dms-xml.ts';

// DMS_xml.md
const dms = `<?xml version="1.0" encoding="utf-8"?>
<DMS errorTime="30000" synchronized="true" xmlns="http://www.skyline.be/config/dms">
   <Cluster name="pluto"/>
   <DMA ip="10.4.2.92" timestamp=""/>
   <DMA ip="10.4.2.93" id="35" timestamp="2023-01-05 01:24:38" contacted_once="TRUE" lostContact="2023-01-06 00:45:01"/>
   <Redirects>
      <Redirect to="10.4.2.93" via="https://10.4.2.93/APIGateway" user="MyUser" pwd="MyPassword"/>
   </Redirects>
</DMS>`;

describe('DMS.xml', () => {
	test('names the cluster and its members', () => {
		expect(parseDmsXml(dms)).toMatchObject({clusterName: 'pluto', members: ['10.4.2.92', '10.4.2.93']});
	});

	test('may have one Agent and no cluster', () => {
		expect(parseDmsXml('<DMS><DMA ip="10.0.0.1" id="7"/></DMS>')).toMatchObject({members: ['10.0.0.1']});
		expect(parseDmsXml('<DMS/>')).toEqual({members: [], memberIds: new Map()});
	});

	test('gives no member that is no address', () => {
		expect(
			parseDmsXml('<DMS><DMA ip="1.1.1.1&#10;x"/><DMA ip=""/><DMA/><DMA ip="a b"/></DMS>')?.members,
		).toEqual([]);
	});

	test.each([
		['another document', '<html/>'],
		['text', 'not xml at all'],
		['nothing', ''],
		['a document type', '<!DOCTYPE DMS [<!ENTITY a "b">]><DMS><Cluster name="&a;"/></DMS>'],
		['more than could be', `<DMS>${' '.repeat(1024 * 1024)}</DMS>`],
	])('is not taken from %s', (_, text) => {
		expect(parseDmsXml(text)).toBeUndefined();
	});

	test('cannot write to the terminal', () => {
		expect(parseDmsXml('<DMS><Cluster name="a\u009Bb"/></DMS>')?.clusterName).toBe('a\\x9bb');
	});

	test('is bounded in depth', () => {
		expect(parseDmsXml(`<DMS>${'<a>'.repeat(10_000)}${'</a>'.repeat(10_000)}</DMS>`)).toBeUndefined();
	});
});

describe('DataMiner.xml', () => {
	test('names the id and a custom name', () => {
		expect(
			parseDataMinerXml(
				'<DataMiner id="7"><DMA><DMAName mode="manual">MyCustomName</DMAName></DMA></DataMiner>',
			),
		).toEqual({id: 7, customName: 'MyCustomName'});
	});

	test('names no custom name without manual mode', () => {
		expect(parseDataMinerXml('<DataMiner id="7"><DMA><DMAName>OLD</DMAName></DMA></DataMiner>')).toEqual({
			id: 7,
		});
	});

	test('may hold odd things', () => {
		expect(parseDataMinerXml('<DataMiner id="seven"/>')).toEqual({});
		expect(parseDataMinerXml('<DataMiner')).toBeUndefined();
	});
});

test('what we write can be read back, whatever it says', () => {
	const text = `<a & "b" 'c'>`;
	const root = parseAgentXml(`<Root>${escapeXml(text)}</Root>`, 'Root');
	expect(root && textOf(root)).toBe(text);
	expect(escapeXml('a\u0000b\uFFFEc\uD800')).toBe('a\uFFFDb\uFFFDc\uFFFD');
});
