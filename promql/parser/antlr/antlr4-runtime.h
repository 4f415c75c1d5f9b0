#pragma once

// What generated parsers need of the ANTLR runtime. It stands before the runtime's own header of
// this name on the include path, because that one takes in misc/InterpreterDataReader.h, which
// Clang refuses.
#include "ANTLRErrorListener.h"
#include "BailErrorStrategy.h"
#include "CharStream.h"
#include "CommonTokenStream.h"
#include "Exceptions.h"
#include "FailedPredicateException.h"
#include "InputMismatchException.h"
#include "Lexer.h"
#include "NoViableAltException.h"
#include "Parser.h"
#include "ParserRuleContext.h"
#include "RecognitionException.h"
#include "Token.h"
#include "Vocabulary.h"
#include "atn/ATN.h"
#include "atn/ATNDeserializer.h"
#include "atn/LexerATNSimulator.h"
#include "atn/ParserATNSimulator.h"
#include "dfa/DFA.h"
#include "support/CPPUtils.h"
#include "tree/TerminalNode.h"
