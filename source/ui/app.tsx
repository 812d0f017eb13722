import {useApp, useInput, usePaste, useWindowSize} from 'ink';
import {useEffect, useLayoutEffect, useState, useSyncExternalStore} from 'react';
import {createKeyNamer} from './input/name-keys.ts';
import {Dashboard} from './screens/dashboard.tsx';
import type {Store} from './store.ts';
import {stopUntilContinued} from './suspend.ts';

interface AppProps {
	readonly store: Store;
	readonly title: string;
}

/** The root: the only place that hears keys, pasted text and the terminal's size. */
export function App({store, title}: AppProps) {
	const state = useSyncExternalStore(store.subscribe, store.current, store.current);
	const {columns, rows} = useWindowSize();
	const {exit, suspendTerminal} = useApp();
	const [nameKeys] = useState(createKeyNamer);

	useEffect(() => {
		store.start(
			{
				suspend: () => suspendTerminal(stopUntilContinued),
				// Taking the terminal back draws everything anew.
				redraw: () => suspendTerminal(() => undefined),
				leave: () => exit(),
			},
			error => exit(error instanceof Error ? error : new Error(String(error))),
		);
		return () => store.stop();
	}, [store, exit, suspendTerminal]);

	useLayoutEffect(() => {
		store.dispatch({type: 'size', size: {columns, rows}});
	}, [store, columns, rows]);

	useInput((input, key) => {
		for (const name of nameKeys(input, key)) {
			store.dispatch({type: 'key', key: name});
		}
	});

	usePaste(text => store.dispatch({type: 'paste', text}));

	return <Dashboard state={{...state, size: {columns, rows}}} title={title} />;
}
