import type {HostKeyQuestion, Prompts, SecretQuestion} from '../agent/prompts.ts';
import type {Question, QuestionsPort} from '../ui/ports.ts';

interface Asked {
	readonly question: Question;
	readonly settle: (answer: string | true | undefined) => void;
}

/** Brings the questions on the way to the Agents before whoever sits at the dashboard, one after the other. */
export class DashboardQuestions implements Prompts, QuestionsPort {
	readonly #waiting: Asked[] = [];
	readonly #changed: () => void;
	readonly subscribe: QuestionsPort['subscribe'];
	#newest = 0;

	/** `changed`: told after each change, to those who subscribed. */
	constructor({changed, subscribe}: {changed: () => void; subscribe: QuestionsPort['subscribe']}) {
		this.#changed = changed;
		this.subscribe = subscribe;
	}

	readonly current = (): Question | undefined => this.#waiting[0]?.question;

	readonly answer = (id: number, answer: string | true | undefined): void => {
		this.#waiting.find(({question}) => question.id === id)?.settle(answer);
	};

	async askHostKey(question: HostKeyQuestion, signal: AbortSignal): Promise<boolean> {
		return (await this.#ask({kind: 'host key', id: this.#nextId(), question}, signal)) === true;
	}

	async askSecret(question: SecretQuestion, signal: AbortSignal): Promise<string | undefined> {
		const answer = await this.#ask({kind: 'secret', id: this.#nextId(), question}, signal);
		return answer === true ? undefined : answer;
	}

	#nextId(): number {
		this.#newest += 1;
		return this.#newest;
	}

	#ask(question: Question, signal: AbortSignal): Promise<string | true | undefined> {
		return new Promise(resolve => {
			const settle: Asked['settle'] = answer => {
				signal.removeEventListener('abort', withdraw);
				this.#waiting.splice(this.#waiting.indexOf(asked), 1);
				resolve(answer);
				this.#changed();
			};
			const withdraw = () => settle(undefined);
			const asked: Asked = {question, settle};
			this.#waiting.push(asked);
			signal.addEventListener('abort', withdraw, {once: true});
			if (signal.aborted) {
				withdraw();
			} else {
				this.#changed();
			}
		});
	}
}
