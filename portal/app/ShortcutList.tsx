import { Kbd, Modal, Switch, Table } from '@mantine/core'
import { useState } from 'react'
import { places } from './places.ts'
import { singleKeysOn, switchSingleKeys } from './shortcuts.ts'

const others = [
  ['Ctrl K', 'Search pages and services, act'],
  ['/', 'Go to the filter of the page'],
  ['j', 'Next row'],
  ['k', 'Row before'],
  ['?', 'This list'],
] as const

/** Every shortcut, and the switch for those of a single key. */
export function ShortcutList({ close }: { close: () => void }) {
  const [on, setOn] = useState(singleKeysOn)
  const keys = [...places.map(({ key, title }) => [`g ${key}`, `Go to ${title}`] as const), ...others]
  return (
    <Modal opened onClose={close} title="Keyboard shortcuts" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Table>
        <Table.Tbody>
          {keys.map(([combination, does]) => (
            <Table.Tr key={combination}>
              <Table.Td w={110}>
                {combination.split(' ').map((key) => (
                  <Kbd key={key} mr={4}>
                    {key}
                  </Kbd>
                ))}
              </Table.Td>
              <Table.Td>{does}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Switch
        mt="md"
        checked={on}
        label="Single-key shortcuts"
        onChange={({ currentTarget }) => {
          switchSingleKeys(currentTarget.checked)
          setOn(currentTarget.checked)
        }}
      />
    </Modal>
  )
}
