// The syntax of PromQL, Prometheus 3.14. PromQLLexer.g4 has the words.
//
// Chains of operators are flat here, `a + b * c` is one `expr` with three operands: operator_chain.h
// applies precedence. So a parse needs no more stack for a long chain than for a short one, and one
// token of lookahead decides nearly everything.
//
// What a rule allows is the shape only; types, arities and values are checked on the syntax tree
// (ast_builder.cc, type_checker.cc), as their errors read better than "unexpected".
parser grammar PromQLParser;

options { tokenVocab = PromQLLexer; }

query: expr EOF;
selectorQuery: vectorSelector EOF;

// --- operators

expr: operand (binaryOperator operand)*;
operand: unaryOperator* postfix;
unaryOperator: ADD | SUB;

binaryOperator
  : ( ADD | SUB | MUL | DIV | MOD | POW | ATAN2
    | EQLC | NEQ | LSS | LTE | GTR | GTE | TRIM_UPPER | TRIM_LOWER
    | AND | OR | UNLESS
    ) BOOL? (matching grouping?)? fill?
  ;
matching: (ON | IGNORING) labelList;
grouping: (GROUP_LEFT | GROUP_RIGHT) labelList?;
fill
  : FILL fillValue
  | FILL_LEFT fillValue (FILL_RIGHT fillValue)?
  | FILL_RIGHT fillValue (FILL_LEFT fillValue)?
  ;
fillValue: LEFT_PAREN signedNumber RIGHT_PAREN;

// --- modifiers behind an operand

postfix: primary modifier*;
modifier
  : OFFSET offsetDuration
  | AT (signedNumber | (START | END) LEFT_PAREN RIGHT_PAREN)
  | LEFT_BRACKET durationExpr (COLON durationExpr?)? RIGHT_BRACKET
  | ANCHORED
  | SMOOTHED
  ;

// --- operands

primary
  : number
  | STRING
  | call
  | aggregation
  | vectorSelector
  | LEFT_PAREN expr RIGHT_PAREN
  ;
number: NUMBER | DURATION;
signedNumber: (ADD | SUB)? number;

call: functionName arguments;
functionName: IDENTIFIER | START | END | STEP | RANGE | MIN_OF | MAX_OF;
arguments: LEFT_PAREN (expr (COMMA expr)* trailingComma?)? RIGHT_PAREN;
trailingComma: COMMA;  // is refused with an error of its own

aggregation: aggregationName (aggregationLabels arguments | arguments aggregationLabels?);
aggregationLabels: (BY | WITHOUT) labelList;

vectorSelector: metricName labelMatchers? | labelMatchers;
labelMatchers: LEFT_BRACE (labelMatcher (COMMA labelMatcher)* COMMA?)? RIGHT_BRACE;
labelMatcher: IDENTIFIER matchOperator STRING | STRING (matchOperator STRING)?;
matchOperator: EQL | NEQ | EQL_REGEX | NEQ_REGEX;

labelList: LEFT_PAREN (labelName (COMMA labelName)* COMMA?)? RIGHT_PAREN;

// --- durations

durationExpr: durationOperand (durationOperator durationOperand)*;
durationOperand: unaryOperator* durationPrimary;
durationOperator: ADD | SUB | MUL | DIV | MOD | POW;
durationPrimary
  : number
  | (STEP | RANGE) LEFT_PAREN RIGHT_PAREN
  | (MIN_OF | MAX_OF) LEFT_PAREN durationExpr COMMA durationExpr RIGHT_PAREN
  | LEFT_PAREN durationExpr RIGHT_PAREN
  ;
// `a offset 5m + 1` adds 1 to a: an offset takes one term.
offsetDuration: unaryOperator* durationPrimary;

// --- words that may also be names

aggregationName
  : SUM | AVG | COUNT | MIN | MAX | GROUP | STDDEV | STDVAR
  | TOPK | BOTTOMK | COUNT_VALUES | QUANTILE | LIMITK | LIMIT_RATIO
  ;
metricName
  : IDENTIFIER | METRIC_IDENTIFIER | aggregationName
  | AND | OR | UNLESS | OFFSET | SMOOTHED | ANCHORED | BY | WITHOUT
  | FILL | FILL_LEFT | FILL_RIGHT | START | END | STEP | RANGE | MIN_OF | MAX_OF
  ;
labelName
  : STRING | IDENTIFIER | METRIC_IDENTIFIER | aggregationName
  | AND | OR | UNLESS | ATAN2 | OFFSET | SMOOTHED | ANCHORED | BY | ON | IGNORING | GROUP_LEFT
  | GROUP_RIGHT | BOOL | FILL | FILL_LEFT | FILL_RIGHT | START | END | STEP | RANGE | MIN_OF | MAX_OF
  ;
