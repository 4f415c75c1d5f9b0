// The words of PromQL, Prometheus 3.14. PromQLParser.g4 puts them together.
//
// - Keywords stand here in lower case: the input stream (query_stream.h) shows the lexer lower case
//   only, so all of this ignores case. Token texts are taken from the query itself.
// - Input is bytes. A byte of 0x80 or more is fine in strings and comments only.
// - Nothing is refused here. What is no word becomes a token of the "bad" kinds, which no parser
//   rule takes, and lexical_errors.h says what is wrong with it: so the first error of a query is
//   the one reported, whether it is one of words or of syntax.
lexer grammar PromQLLexer;

tokens { RIGHT_BRACE, RIGHT_BRACKET, COLON, EQL_REGEX, NEQ_REGEX }

ADD: '+';
SUB: '-';
MUL: '*';
DIV: '/';
MOD: '%';
POW: '^';
EQLC: '==';
NEQ: '!=';
LTE: '<=';
LSS: '<';
GTE: '>=';
GTR: '>';
TRIM_UPPER: '</';
TRIM_LOWER: '>/';
EQL: '=';
AT: '@';
COMMA: ',';
LEFT_PAREN: '(';
RIGHT_PAREN: ')';
LEFT_BRACE: '{' -> pushMode(BRACES);
LEFT_BRACKET: '[' -> pushMode(BRACKETS);

// Operators that are words.
AND: 'and';
OR: 'or';
UNLESS: 'unless';
ATAN2: 'atan2';

// Aggregations.
SUM: 'sum';
AVG: 'avg';
COUNT: 'count';
MIN: 'min';
MAX: 'max';
GROUP: 'group';
STDDEV: 'stddev';
STDVAR: 'stdvar';
TOPK: 'topk';
BOTTOMK: 'bottomk';
COUNT_VALUES: 'count_values';
QUANTILE: 'quantile';
LIMITK: 'limitk';
LIMIT_RATIO: 'limit_ratio';

// Keywords.
OFFSET: 'offset';
SMOOTHED: 'smoothed';
ANCHORED: 'anchored';
BY: 'by';
WITHOUT: 'without';
ON: 'on';
IGNORING: 'ignoring';
GROUP_LEFT: 'group_left';
GROUP_RIGHT: 'group_right';
BOOL: 'bool';
FILL: 'fill';
FILL_LEFT: 'fill_left';
FILL_RIGHT: 'fill_right';
START: 'start';
END: 'end';
STEP: 'step';
RANGE: 'range';
MIN_OF: 'min_of';
MAX_OF: 'max_of';

// Literals. `1_000`, `010` (octal) and `0x1f` are told apart by number_literal.h.
NUMBER
  : DIGITS ('.' DIGITS?)? EXPONENT?
  | '.' DIGITS EXPONENT?
  | '0x' ('_'? HEX)*
  | 'inf'
  | 'nan'
  ;
DURATION: ([0-9]+ UNIT)+;
STRING
  : '"' (~["\\\n] | '\\' ~'\n')* '"'
  | '\'' (~['\\\n] | '\\' ~'\n')* '\''
  | '`' ~'`'* '`'
  ;

IDENTIFIER: [a-z_] [a-z0-9_]*;
METRIC_IDENTIFIER: [a-z_:] [a-z0-9_:]*;

COMMENT: '#' ~[\r\n]* -> skip;
SPACE: [ \t\r\n]+ -> skip;

// Bad words: they take what the rules above leave, the longest match wins.
BAD_NUMBER: [0-9] [0-9a-z_.]* | '.' [0-9] [0-9a-z_.]*;
BAD_STRING: ('"' (~["\\\n] | '\\' ~'\n')* | '\'' (~['\\\n] | '\\' ~'\n')* | '`' ~'`'*) '\\'?;
BAD_EQUAL: '=~';
BAD_CHARACTER: .;

fragment DIGITS: [0-9] ('_'? [0-9])*;
fragment HEX: [0-9a-f];
fragment EXPONENT: 'e' [+-]? DIGITS;
fragment UNIT: 'ms' | [smhdwy];

// Within `{}`: no word is a keyword.
mode BRACES;
BRACES_COMMA: ',' -> type(COMMA);
BRACES_EQL: '=' -> type(EQL);
BRACES_NEQ: '!=' -> type(NEQ);
BRACES_EQL_REGEX: '=~' -> type(EQL_REGEX);
BRACES_NEQ_REGEX: '!~' -> type(NEQ_REGEX);
BRACES_RIGHT: '}' -> type(RIGHT_BRACE), popMode;
BRACES_IDENTIFIER: [a-z_] [a-z0-9_]* -> type(IDENTIFIER);
BRACES_STRING
  : ('"' (~["\\\n] | '\\' ~'\n')* '"' | '\'' (~['\\\n] | '\\' ~'\n')* '\'' | '`' ~'`'* '`')
    -> type(STRING)
  ;
BRACES_COMMENT: '#' ~[\r\n]* -> skip;
BRACES_SPACE: [ \t\r\n]+ -> skip;
BRACES_BAD_STRING
  : ('"' (~["\\\n] | '\\' ~'\n')* | '\'' (~['\\\n] | '\\' ~'\n')* | '`' ~'`'*) '\\'?
    -> type(BAD_STRING)
  ;
BAD_BRACES_CHARACTER: .;

// Within `[]`: durations and arithmetic on them; `:` is no part of a word here, and there are no
// comments.
mode BRACKETS;
BRACKETS_ADD: '+' -> type(ADD);
BRACKETS_SUB: '-' -> type(SUB);
BRACKETS_MUL: '*' -> type(MUL);
BRACKETS_DIV: '/' -> type(DIV);
BRACKETS_MOD: '%' -> type(MOD);
BRACKETS_POW: '^' -> type(POW);
BRACKETS_COMMA: ',' -> type(COMMA);
BRACKETS_LEFT_PAREN: '(' -> type(LEFT_PAREN);
BRACKETS_RIGHT_PAREN: ')' -> type(RIGHT_PAREN);
BRACKETS_RIGHT: ']' -> type(RIGHT_BRACKET), popMode;
BRACKETS_COLON: ':' -> type(COLON);
BRACKETS_STEP: 'step' -> type(STEP);
BRACKETS_RANGE: 'range' -> type(RANGE);
BRACKETS_MIN_OF: 'min_of' -> type(MIN_OF);
BRACKETS_MAX_OF: 'max_of' -> type(MAX_OF);
BRACKETS_NUMBER
  : (DIGITS ('.' DIGITS?)? EXPONENT? | '.' DIGITS EXPONENT? | '0x' ('_'? HEX)*) -> type(NUMBER)
  ;
BRACKETS_DURATION: ([0-9]+ UNIT)+ -> type(DURATION);
BRACKETS_SPACE: [ \t\r\n]+ -> skip;
BRACKETS_BAD_NUMBER
  : ([0-9] [0-9a-z_.]* | '.' [0-9] [0-9a-z_.]*) -> type(BAD_NUMBER)
  ;
BAD_BRACKETS_CHARACTER: .;
