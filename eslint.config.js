import {defineConfig} from 'eslint/config';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

export default defineConfig(
	{ignores: ['dist/', 'coverage/']},
	tseslint.configs.strictTypeChecked,
	tseslint.configs.stylisticTypeChecked,
	reactHooks.configs.flat.recommended,
	{
		languageOptions: {parserOptions: {projectService: {allowDefaultProject: ['eslint.config.js']}}},
		rules: {
			// Type aliases of object shapes and interfaces are both fine; unions need the former.
			'@typescript-eslint/consistent-type-definitions': 'off',
			'@typescript-eslint/restrict-template-expressions': ['error', {allowNumber: true}],
			'@typescript-eslint/no-confusing-void-expression': ['error', {ignoreArrowShorthand: true}],
			'@typescript-eslint/switch-exhaustiveness-check': ['error', {considerDefaultExhaustiveForUnions: true}],
			'@typescript-eslint/consistent-type-imports': 'error',
			'max-lines': ['error', {max: 350, skipBlankLines: true, skipComments: true}],
			'no-console': 'error',
			eqeqeq: 'error',
		},
	},
	{
		files: ['test/**', 'bench/**'],
		rules: {'max-lines': 'off', 'no-console': 'off', '@typescript-eslint/no-non-null-assertion': 'off'},
	},
);
