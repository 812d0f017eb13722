import {escapeXml} from './agent-xml.ts';

export interface TaskAction {
	readonly description: string;
	readonly command: string;
	/** One string: Windows gives it to the program as it stands. */
	readonly arguments: string;
}

/**
 * A task of Windows Task Scheduler that starts only when told to, as SYSTEM, and is never ended by Windows. A second
 * start while it runs is ignored.
 */
export function taskXml(action: TaskAction): string {
	return [
		'<?xml version="1.0" encoding="UTF-16"?>',
		'<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">',
		'  <RegistrationInfo>',
		`    <Description>${escapeXml(action.description)}</Description>`,
		'  </RegistrationInfo>',
		'  <Triggers />',
		'  <Principals>',
		'    <Principal id="Author">',
		'      <UserId>S-1-5-18</UserId>',
		'      <RunLevel>HighestAvailable</RunLevel>',
		'    </Principal>',
		'  </Principals>',
		'  <Settings>',
		'    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>',
		'    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>',
		'    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>',
		'    <AllowHardTerminate>true</AllowHardTerminate>',
		'    <StartWhenAvailable>false</StartWhenAvailable>',
		'    <AllowStartOnDemand>true</AllowStartOnDemand>',
		'    <Enabled>true</Enabled>',
		'    <Hidden>false</Hidden>',
		'    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>',
		'    <Priority>5</Priority>',
		'  </Settings>',
		'  <Actions Context="Author">',
		'    <Exec>',
		`      <Command>${escapeXml(action.command)}</Command>`,
		`      <Arguments>${escapeXml(action.arguments)}</Arguments>`,
		'    </Exec>',
		'  </Actions>',
		'</Task>',
		'',
	].join('\r\n');
}

/** As Task Scheduler exports and imports tasks: UTF-16LE with a byte order mark. */
export function utf16File(text: string): Buffer {
	return Buffer.from(`\uFEFF${text}`, 'utf16le');
}
