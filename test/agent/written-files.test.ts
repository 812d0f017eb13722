import {expect, test} from 'vitest';
import {attributeOf, childElements, parseAgentXml, textOf} from '../../source/agent/agent-xml.ts';
import {decodeText} from '../../source/agent/file-text.ts';
import {taskXml, utf16File} from '../../source/agent/task-xml.ts';
import {upgradeInfoXml} from '../../source/agent/upgrade-info.ts';
import {defaultUpgradeOptions} from '../../source/domain/upgrade-options.ts';

test('UpgradeInfo.xml has the documented form', () => {
	const xml = upgradeInfoXml({
		agents: ['localhost', '10.0.0.2'],
		isCluster: true,
		options: defaultUpgradeOptions,
		failoverPolicy: 'UseDefault',
	});
	// Taskbar_Utility_command_line_options.md
	expect(xml.replaceAll('\r\n', '\n')).toBe(`<UpgradeInfo>
  <Agents>
    <IP>localhost</IP>
    <IP>10.0.0.2</IP>
  </Agents>
  <IsCluster>true</IsCluster>
  <ExtractAllFiles>true</ExtractAllFiles>
  <DelayedStart>true</DelayedStart>
  <AutomaticStartServices>true</AutomaticStartServices>
  <StopSNMP>false</StopSNMP>
  <RebootAfterUpgrade>false</RebootAfterUpgrade>
  <FailoverPolicy>UseDefault</FailoverPolicy>
</UpgradeInfo>
`);
});

test('an address cannot add elements to UpgradeInfo.xml', () => {
	const xml = upgradeInfoXml({
		agents: ['</IP><IP>evil'],
		isCluster: false,
		options: defaultUpgradeOptions,
		failoverPolicy: 'Simultaneously',
	});
	const [agents] = childElements(parseAgentXml(xml, 'UpgradeInfo')!, 'Agents');
	expect(childElements(agents!, 'IP').map(textOf)).toEqual(['</IP><IP>evil']);
});

test('a task says what to run, as SYSTEM and without a time limit', () => {
	const file = utf16File(
		taskXml({description: 'a & b', command: 'C:\\Program Files\\x.exe', arguments: '-upgrade "C:\\a & b"'}),
	);
	expect([...file.subarray(0, 2)]).toEqual([0xff, 0xfe]);
	const root = parseAgentXml(decodeText(file), 'Task')!;
	expect(attributeOf(root, 'version')).toBe('1.2');
	const at = (...names: string[]) => names.reduce((element, name) => childElements(element, name)[0]!, root);
	expect(textOf(at('Actions', 'Exec', 'Command'))).toBe('C:\\Program Files\\x.exe');
	expect(textOf(at('Actions', 'Exec', 'Arguments'))).toBe('-upgrade "C:\\a & b"');
	expect(textOf(at('Principals', 'Principal', 'UserId'))).toBe('S-1-5-18');
	expect(textOf(at('Settings', 'ExecutionTimeLimit'))).toBe('PT0S');
});
