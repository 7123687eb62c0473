/** The same two or three tests in every language we read. */

export const JS = `import { add } from './add.js'
test('adds', () => {
  expect(add(1, 2)).toBe(3)
  expect(add(0, 0)).toBe(0)
})
test('subtracts', () => {
  expect(add(1, -2)).toBe(-1)
})
`
export const PY = `import pytest
from add import add

def test_adds():
    assert add(1, 2) == 3
    assert add(0, 0) == 0

class TestMore:
    def test_close(self):
        assert add(0.1, 0.2) == pytest.approx(0.3, abs=1e-9)
`
export const GO = `package add
func TestAdds(t *testing.T) {
	require.Equal(t, 3, Add(1, 2))
	if Add(0, 0) != 0 { t.Fatalf("zero") }
}
func TestMore(t *testing.T) {
	assert.InDelta(t, 0.3, Add(0.1, 0.2), 0.001)
}
`
export const RUST = `pub fn add(a: i32, b: i32) -> i32 { a + b }
#[cfg(test)]
mod tests {
    #[test]
    fn adds() {
        assert_eq!(add(1, 2), 3);
        assert_eq!(add(0, 0), 0);
    }
    #[test]
    fn lifetimes<'a>() { assert!(add(1, 1) > 1); }
}
`
export const JAVA = `class AddTest {
  @Test
  void adds() {
    assertEquals(3, add(1, 2));
    assertEquals(0, add(0, 0));
  }
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void more(int n) { assertTrue(add(n, 0) == n); }
}
`
export const KOTLIN = `class AddTest {
  @Test
  fun \`adds two\`() {
    assertEquals(3, add(1, 2))
  }
}
`
export const RUBY = `describe Add do
  it 'adds' do
    expect(add(1, 2)).to eq(3)
    expect(add(0, 0)).to eq(0)
  end
end
`
export const CSHARP = `public class AddTests {
  [Fact]
  public void Adds() {
    Assert.Equal(3, Add(1, 2));
    Assert.Equal(0, Add(0, 0));
  }
}
`
