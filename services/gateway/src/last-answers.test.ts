import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LastAnswers } from './last-answers.ts';

function at(start: number) {
  let now = start;
  const answers = new LastAnswers<string>(2, 1_000, () => now);
  return {
    answers,
    advance(ms: number) {
      now += ms;
    },
  };
}

test('the last answer to a question is found while it is young enough', () => {
  const { answers, advance } = at(5);
  assert.equal(answers.find('a'), undefined);
  assert.equal(answers.keep('a', 'first'), 'first');
  advance(600);
  answers.keep('a', 'second');
  advance(1_000);
  assert.equal(answers.find('a'), 'second');
  advance(1);
  assert.equal(answers.find('a'), undefined);
});

test('memory is bounded: the answer kept longest ago goes first', () => {
  const { answers } = at(5);
  answers.keep('a', '1');
  answers.keep('b', '2');
  answers.keep('a', '3');
  answers.keep('c', '4');
  assert.deepEqual(
    ['a', 'b', 'c'].map((question) => answers.find(question)),
    ['3', undefined, '4'],
  );
});
