/**
 * How tests look in one language. Every expression is global, is looked for in code (comments and the inside of strings
 * are blank there), and takes linear time.
 */
export interface TestSyntax {
  /** Where a test begins; its group `name`, else the first string after it, is its name. */
  readonly testCase: RegExp
  readonly assertion: RegExp
  /** Assertions that say what a value is. */
  readonly strong: RegExp
  /** Assertions that hold for nearly any value. */
  readonly weak: RegExp
  /** Leaves tests out, or all the others. */
  readonly skip: RegExp
  /** Asserts nothing. */
  readonly trivial: RegExp
  /** Tests that stand beside the code they test, in any file. */
  readonly inline: boolean
}

export const JAVASCRIPT: TestSyntax = {
  testCase:
    /(?<![\w$.])(?:x?it|x?test|x?specify|fit)(?!\.(?:describe|before|after|use|step|extend|info|setTimeout))(?:\.\w+){0,5}\s{0,20}(?=[(`])/g,
  assertion:
    /\bexpect(?:\.(?:soft|poll|element|assertions|hasAssertions))?\s{0,20}\(|(?<![\w$.])assert(?:\.\w+){0,3}\s{0,20}\(|\.should\b|\bt\.(?:is|isNot|deepEqual|notDeepEqual|true|false|truthy|falsy|throws\w*|notThrows\w*|like|regex|snapshot|assert|equals?|strictEqual|same|ok|rejects)\s{0,20}\(/g,
  strong:
    /\.(?:toBe|toEqual|toStrictEqual|toMatch\w*|toContain\w*|toHave\w+|toThrow\w*|toBeCloseTo|toBeGreaterThan\w*|toBeLessThan\w*|toReject|toSatisfy|equals?|eql|strictEqual|deepEqual|deepStrictEqual|throws|rejects|is)\s{0,20}\(/g,
  weak: /\.(?:toBeTruthy|toBeFalsy|toBeDefined|toBeInstanceOf|toBeTypeOf|not\.toBeNull|not\.toBeUndefined|not\.toThrow\w*|truthy|ok)\s{0,20}\(|(?<![\w$.])assert\s{0,20}\(|\bexpect\.(?:any|anything)\s{0,20}\(/g,
  skip: /(?<![\w$.])(?:it|test|describe|suite|context|specify)(?:\.\w+){0,4}\.(?:skip|only|skipIf|runIf|fixme|fails|failing)\b|(?<![\w$.])(?:xit|xtest|xdescribe|xcontext|xspecify|fit|fdescribe|fcontext)\s{0,20}\(|\b(?:this|ctx|context|t)\.skip\s{0,20}\(|\bskip\s{0,5}:\s{0,5}true|\bprocess\.exit\s{0,5}\(\s{0,5}0?\s{0,5}\)/g,
  trivial:
    /\bexpect\(\s{0,5}(?<value>true|false|null|undefined|\d{1,10})\s{0,5}\)\.(?:toBe|toEqual|toStrictEqual)\(\s{0,5}\k<value>\s{0,5}\)|\bexpect\(\s{0,5}(?:true|1)\s{0,5}\)\.(?:toBeTruthy|toBeDefined)|(?<![\w$.])assert(?:\.ok)?\(\s{0,5}(?:true|1)\s{0,5}[,)]|\|\|\s{0,5}true\s{0,5}\)/g,
  inline: false,
}

export const PYTHON: TestSyntax = {
  testCase: /^[ \t]*(?:async[ \t]{1,10})?def[ \t]{1,10}(?<name>test\w*)/gm,
  assertion:
    /^[ \t]*assert\b|\bself\.(?:assert\w+|fail)\s{0,5}\(|\bpytest\.(?:raises|warns)\b|(?<![\w.])(?:np|numpy)\.testing\.assert\w+|(?<![\w.])assert_\w+\s{0,5}\(|\bmock\w*\.assert_\w+/gm,
  strong:
    /\bassert(?:Equal\w*|NotEqual\w*|In|NotIn|Is|Raises\w*|AlmostEqual\w*|Greater\w*|Less\w*|Regex\w*|CountEqual|DictEqual|ListEqual)\b|^[ \t]*assert\b[^\n]*?(?:[=!<>]=|[<>]|[ \t]in[ \t]|[ \t]is[ \t](?!not[ \t]None))|\bpytest\.raises\b|\bassert_(?:called\w*|array\w*|allclose|equal\w*|frame_equal)\b/gm,
  weak: /\bassert(?:True|False|IsNotNone|IsInstance)\b|\bis[ \t]not[ \t]None\b|^[ \t]*assert[ \t]{1,10}[\w.]+(?:\([^()\n]*\))?[ \t]*$|^[ \t]*assert[ \t]{1,10}isinstance\b/gm,
  skip: /@pytest\.mark\.(?:skip|skipif|xfail)\b|\bpytest\.(?:skip|xfail|importorskip|exit)\s{0,5}\(|\bpytestmark\s{0,5}=[^\n]{0,1000}?(?:skip|xfail)|@unittest\.(?:skip\w*|expectedFailure)|\bself\.skipTest\s{0,5}\(|\braise[ \t]{1,10}(?:unittest\.)?SkipTest|\b__test__\s{0,5}=\s{0,5}False|\bcollect_ignore|\b(?:os\._exit|sys\.exit)\s{0,5}\(/g,
  trivial:
    /^[ \t]*assert[ \t]{1,10}(?:True|1)[ \t]*(?:,|$)|^[ \t]*assert[ \t]{1,10}(?<value>[\w.]{1,40})[ \t]*==[ \t]*\k<value>[ \t]*$|\bor[ \t]{1,5}True\b|\bassertTrue\(\s{0,5}True\s{0,5}\)/gm,
  inline: false,
}

export const GO: TestSyntax = {
  testCase: /^func[ \t]{1,10}(?<name>(?:Test|Fuzz|Example)\w*)\s{0,5}\(|\bt\.Run\s{0,5}(?=\()/gm,
  assertion:
    /\bt\.(?:Error|Errorf|Fatal|Fatalf|Fail|FailNow)\s{0,5}\(|\b(?:assert|require|is)\.\w+\s{0,5}\(/g,
  strong:
    /\b(?:assert|require)\.(?:Equal\w*|NotEqual\w*|Error\w*|ElementsMatch|Contains|Len|JSONEq|InDelta|Greater\w*|Less\w*|Panics\w*)\s{0,5}\(/g,
  weak: /\b(?:assert|require)\.(?:NotNil|NotEmpty|NotZero|True|NotPanics)\s{0,5}\(/g,
  skip: /\bt\.Skip(?:Now|f)?\s{0,5}\(|\bos\.Exit\s{0,5}\(\s{0,5}0\s{0,5}\)/g,
  trivial:
    /\b(?:assert|require)\.True\(\s{0,5}t,\s{0,5}true\b|\b(?:assert|require)\.Equal\(\s{0,5}t,\s{0,5}(?<value>\w{1,40}),\s{0,5}\k<value>\s{0,5}[,)]/g,
  inline: false,
}

export const RUST: TestSyntax = {
  testCase:
    /#\[(?:\w+::)?(?:test|rstest|test_case)\b[^\]\n]{0,200}\]\s{0,200}(?:#\[[^\]\n]{0,200}\]\s{0,200}){0,5}(?:pub[ \t]{1,5})?(?:async[ \t]{1,5})?fn[ \t]{1,5}(?<name>\w{1,200})/g,
  assertion: /\b(?:debug_)?assert(?:_\w+)?!|\bpanic!|\b(?:prop_assert\w*|unreachable)!/g,
  strong: /\bassert_(?:eq|ne)!|\bmatches!/g,
  weak: /\bassert!\([^;\n]{0,300}?\.is_(?:ok|some)\(\)/g,
  skip: /#\[ignore\b|#\[cfg\(any\(\)\)\]|#\[should_panic\b|\bprocess::exit\s{0,5}\(\s{0,5}0\s{0,5}\)/g,
  trivial:
    /\bassert!\(\s{0,5}true\s{0,5}[,)]|\bassert_eq!\(\s{0,5}(?<value>\w{1,40}),\s{0,5}\k<value>\s{0,5}[,)]/g,
  inline: true,
}

export const JAVA: TestSyntax = {
  testCase:
    /@(?:Test|ParameterizedTest|RepeatedTest|TestFactory)\b(?:\([^)\n]{0,200}\))?[^;{]{0,400}?\b(?:void|fun)\s{1,20}(?<name>`[^`\n]{1,200}`|\w{1,200})\s{0,5}\(/g,
  assertion: /\bassert\w*\s{0,5}\(|^[ \t]*assert\s|\bverify\w*\s{0,5}\(|\bshould\w*\b|\bfail\s{0,5}\(/gm,
  strong:
    /\bassert(?:Equals|NotEquals|Throws\w*|ArrayEquals|Same|IterableEquals|LinesMatch)\b|\.(?:isEqualTo|hasSize|contains\w*|isSameAs|isInstanceOf|hasMessage\w*)\s{0,5}\(|\bshouldBe\b|\bshouldThrow\b/g,
  weak: /\bassert(?:NotNull|True|False|DoesNotThrow)\b|\.(?:isNotNull|isTrue|isNotEmpty)\s{0,5}\(|\bshouldNotBe\s{1,5}null\b/g,
  skip: /@(?:Disabled\w*|Ignore|EnabledIf\w*|EnabledOn\w*)\b|\bassum(?:e|ing)\w*\s{0,5}\(|\benabled\s{0,5}=\s{0,5}false\b|\bSystem\.exit\s{0,5}\(\s{0,5}0\s{0,5}\)/g,
  trivial:
    /\bassertTrue\(\s{0,5}true\s{0,5}[,)]|\bassertEquals\(\s{0,5}(?<value>\w{1,40}),\s{0,5}\k<value>\s{0,5}[,)]|^[ \t]*assert[ \t]{1,5}true\b/gm,
  inline: false,
}

export const RUBY: TestSyntax = {
  testCase:
    /^[ \t]*(?:x?it|x?specify|x?example|scenario|test)\b(?=[ \t]*\(?[ \t]*['"])|^[ \t]*def[ \t]{1,5}(?<name>test_\w+)/gm,
  assertion: /\bexpect\b|\bassert\w*|\brefute\w*|\.should\b|\.(?:must|wont)_\w+/g,
  strong:
    /\b(?:eq|eql|equal|match\w*|include|raise_error|have_\w+|contain_exactly|change)\b[ \t]*[({ ]|\bassert_(?:equal|match|includes|raises|in_delta|same|nil)\b|\.must_(?:equal|match|include|raise)\b/g,
  weak: /\bbe_(?:truthy|present)\b|\bnot_to[ \t]{1,5}be_nil\b|\bassert[ \t(]|\bassert_(?:not_nil|nothing_raised)\b|\brefute_nil\b/g,
  skip: /(?<![\w.:])(?:xit|xdescribe|xcontext|xspecify|xexample|fit|fdescribe|fcontext|fspecify)\b|^[ \t]*(?:skip|pending)\b|\b(?:skip|pending|focus):[ \t]*(?:true|['"])|(?<![\w:]):(?:skip|focus|pending)\b|\bexit!?[ \t(]{1,5}0\b/gm,
  trivial:
    /\bexpect\(\s{0,5}true\s{0,5}\)\.to\b|\bassert[ \t(]{1,5}true\b|\bassert_equal[ \t(]{1,5}(?<value>\w{1,40}),[ \t]{0,5}\k<value>\b/g,
  inline: false,
}

export const CSHARP: TestSyntax = {
  testCase:
    /\[(?:Fact|Theory|Test|TestMethod|TestCase|DataTestMethod)\b[^;{]{0,600}?\b(?:void|Task)\s{1,20}(?<name>\w{1,200})\s{0,5}\(/g,
  assertion: /\bAssert\.\w+|\.Should\s{0,5}\(|\.Should\w+\s{0,5}\(|\.Verify\w*\s{0,5}\(/g,
  strong:
    /\bAssert\.(?:Equal\w*|AreEqual|NotEqual|AreNotEqual|Throws\w*|Same|AreSame|Contains|Collection|Matches|InRange|That)\b|\.(?:Be|BeEquivalentTo|Contain\w*|HaveCount|Throw\w*)\s{0,5}\(/g,
  weak: /\bAssert\.(?:NotNull|IsNotNull|True|IsTrue|NotEmpty|IsType)\b|\.(?:NotBeNull|NotBeEmpty|BeTrue)\s{0,5}\(/g,
  skip: /\bSkip\s{0,5}=|\[\s{0,5}(?:Ignore|Explicit)\b|\bAssert\.(?:Ignore|Inconclusive|Pass)\s{0,5}\(|\bSkip\.If\w*\s{0,5}\(|\bEnvironment\.Exit\s{0,5}\(\s{0,5}0\s{0,5}\)/g,
  trivial:
    /\bAssert\.(?:True|IsTrue)\(\s{0,5}true\s{0,5}[,)]|\bAssert\.(?:Equal|AreEqual)\(\s{0,5}(?<value>\w{1,40}),\s{0,5}\k<value>\s{0,5}[,)]/g,
  inline: false,
}
