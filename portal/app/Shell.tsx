import {
  ActionIcon,
  AppShell,
  Burger,
  Group,
  Kbd,
  Text,
  Tooltip,
  UnstyledButton,
  useMantineColorScheme,
} from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconMoon, IconSearch, IconSun } from '@tabler/icons-react'
import { Link, Outlet, useLocation } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useState } from 'react'
import { Bell } from './Bell.tsx'
import { LiveBadge } from './LiveBadge.tsx'
import { Notices } from './Notices.tsx'
import { places } from './places.ts'
import { PersonMenu } from './PersonMenu.tsx'
import { useRouteFocus } from './routeFocus.ts'
import { useShortcuts } from './shortcuts.ts'

const loadPalette = async () => ({ default: (await import('./palette/Palette.tsx')).Palette })
// 12 px, less where the window is as narrow as a phone
const narrowGap = 'clamp(2px, 1vw, 12px)'
const Palette = lazy(loadPalette)
const ShortcutList = lazy(async () => ({ default: (await import('./ShortcutList.tsx')).ShortcutList }))

/** The frame around every page behind the login. */
export function Shell() {
  const [menu, { toggle, close }] = useDisclosure()
  const [above, setAbove] = useState<'palette' | 'acts' | 'list'>()
  const { pathname } = useLocation()
  useShortcuts({
    palette: () => setAbove('palette'),
    acts: () => setAbove('acts'),
    list: () => setAbove('list'),
  })
  useRouteFocus(pathname)
  useEffect(close, [pathname, close])
  // fetched when there is time, so that the first keys typed after Ctrl K are not lost
  useEffect(() => void setTimeout(() => void loadPalette(), 1_500), [])
  return (
    <AppShell
      header={{ height: 48 }}
      navbar={{ width: 196, breakpoint: 'sm', collapsed: { mobile: !menu } }}
      padding={{ base: 'sm', sm: 'lg' }}
    >
      <a href="#main" className="skip">
        Skip to the content
      </a>
      <AppShell.Header>
        <Group h="100%" px="sm" gap={narrowGap} wrap="nowrap">
          <Burger
            opened={menu}
            onClick={toggle}
            hiddenFrom="sm"
            size="sm"
            aria-label={menu ? 'Close menu' : 'Open menu'}
            aria-expanded={menu}
          />
          <Link
            to="/"
            style={{ display: 'flex', alignItems: 'center', gap: 8, textDecoration: 'none', color: 'inherit' }}
            aria-label="Fairway, home"
          >
            <img src="/favicon.svg" width={24} height={24} alt="" />
            <Text fw={700} visibleFrom="xs">
              Fairway
            </Text>
          </Link>
          <SearchButton onClick={() => setAbove('palette')} />
          <Group gap={narrowGap} ml="auto" wrap="nowrap">
            <LiveBadge />
            <Bell />
            <SchemeSwitch />
            <PersonMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label="Main">
        <Navigation pathname={pathname} />
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1}>
        <Notices />
        <Outlet />
      </AppShell.Main>
      <Suspense>
        {(above === 'palette' || above === 'acts') && (
          <Palette
            key={above}
            only={above === 'acts' ? 'Acts' : undefined}
            close={() => setAbove(undefined)}
            openList={() => setAbove('list')}
          />
        )}
        {above === 'list' && <ShortcutList close={() => setAbove(undefined)} />}
      </Suspense>
    </AppShell>
  )
}

function Navigation({ pathname }: { pathname: string }) {
  return (
    <div className="nav">
      {places.map(({ title, path, Icon }) => {
        const here = path === '/' ? pathname === '/' : pathname.startsWith(path)
        return (
          <Link key={path} to={path} activeOptions={{ exact: true }} aria-current={here ? 'page' : undefined}>
            <Icon size={17} stroke={1.7} aria-hidden /> {title}
          </Link>
        )
      })}
    </div>
  )
}

function SearchButton({ onClick }: { onClick: () => void }) {
  return (
    <UnstyledButton
      onClick={onClick}
      className="sunken"
      style={{ display: 'flex', alignItems: 'center', gap: 8, padding: '0 10px', height: 30, minWidth: 30 }}
      aria-label="Search and act"
    >
      <IconSearch size={15} style={{ flex: 'none' }} aria-hidden />
      <Text size="sm" c="dimmed" visibleFrom="md">
        Search and act
      </Text>
      <Kbd size="xs" visibleFrom="md">
        Ctrl K
      </Kbd>
    </UnstyledButton>
  )
}

function SchemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const dark = document.documentElement.getAttribute('data-mantine-color-scheme') === 'dark'
  const label = dark ? 'Use light colours' : 'Use dark colours'
  return (
    <Tooltip label={label}>
      <ActionIcon
        key={colorScheme}
        variant="subtle"
        color="gray"
        size={30}
        aria-label={label}
        onClick={() => setColorScheme(dark ? 'light' : 'dark')}
      >
        {dark ? <IconSun size={17} /> : <IconMoon size={17} />}
      </ActionIcon>
    </Tooltip>
  )
}
